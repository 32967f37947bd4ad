"""Routes by which the master has its keys changed."""

from typing import Literal

from app.auth.enrolment.sealing import Answerer, KeysOrderIn, SealedOut, keys_words
from app.auth.signatures import AcceptedKey
from app.slave.services import SlaveServices
from app.web.router import Api
from app.web.wire import Out


class KeysSettledOut(Out):
    """The other keys are dropped."""

    status: Literal["settled"]


def declare_keys(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("POST", "/remote-api/keys", access="write", errors=[409, 503])
    def offer_keys(caller: AcceptedKey, body: KeysOrderIn) -> SealedOut:
        """A new pair of keys, accepted from now on beside the one that signs this order.

        Only the caller can open the answer: it is sealed with the key that signed, and with keys of this exchange.
        """
        answerer = Answerer(body.public_key)
        pair = services.keys.offer(caller)
        return answerer.sealed(pair.plain(), caller.secret, keys_words(services.host_id, caller.id))

    @api.route("POST", "/remote-api/keys/settle", access="write", errors=[409, 503])
    def settle_keys(caller: AcceptedKey) -> KeysSettledOut:
        """From now on the pair that signs this order is the one in use; others are accepted 30 seconds longer.

        The pair that signs is never dropped. Again: nothing new.
        """
        services.keys.settle(caller)
        return KeysSettledOut(status="settled")
