"""Above its number of requests in flight a slave says so at once, and still says that it lives."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from app.slave.guard import InFlight, limit_in_flight
from app.web.app import new_app

MOST = 3


def test_more_requests_than_it_takes_on_are_refused() -> None:
    app, inside, go_on = new_app("test"), Barrier(MOST + 1), Event()
    limit_in_flight(app, InFlight(MOST))

    @app.get("/slow")
    def slow() -> str:
        inside.wait(30)
        go_on.wait(30)
        return "done"

    @app.get("/fast")
    def fast() -> str:
        return "done"

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    with ThreadPoolExecutor(MOST) as pool:
        slow_ones = [pool.submit(app.test_client().get, "/slow") for _ in range(MOST)]
        inside.wait(30)
        refused = app.test_client().get("/fast")
        assert (refused.status_code, refused.get_json()["code"], refused.headers["Retry-After"]) == (
            503,
            "overloaded",
            "1",
        )
        assert app.test_client().get("/healthz").status_code == 200
        go_on.set()
        assert {future.result().status_code for future in slow_ones} == {200}
    assert [app.test_client().get("/fast").status_code for _ in range(2 * MOST)] == [200] * 2 * MOST
