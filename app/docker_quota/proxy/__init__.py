"""The socket proxy: stands in front of dockerd's socket and knows by SO_PEERCRED who creates what.

One request per upstream connection: a head is read and written anew with `Connection: close`, so that nothing that
follows on the connection can be a second request. Creations are labelled and their ids journalled; everything else is
pumped both ways until the end.
"""
