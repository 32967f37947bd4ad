"""The mechanisms behind devices, one package each. None knows another; all speak `app.quota`."""
