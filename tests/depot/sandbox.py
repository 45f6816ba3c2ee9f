"""The depot itself: parcels `p000` onwards, each pointing at the next but one."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.base import Sandbox
from connectors.sandbox.people import Person


class DepotSandbox(Sandbox):
    """`forgotten` tokens have expired, `broken` ids fail in a batch, `clumsy` batches reorder and repeat replies."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        super().__init__()
        self.ids = [f"p{number:03}" for number in range(300)]
        self.sent: list[str] = []
        self.forgotten: set[str] = set()
        self.broken: dict[str, str] = {}
        self.clumsy = False

    @property
    def routes(self) -> Sequence[Route]:
        return [
            Route("/parcels", self.list_parcels, methods=["GET"], name="parcels.list"),
            Route("/parcels", self.send, methods=["POST"], name="parcels.send"),
            Route("/parcels/count", self.count, name="parcels.count"),
            Route("/parcels/batch", self.batch, methods=["POST"], name="parcels.batch"),
            Route("/parcels/{id}", self.get, name="parcels.get"),
            Route("/stock", self.stock, name="stock.list"),
            Route("/search", self.search, name="parcels.search"),
        ]

    def failure(self, status: int) -> Response:
        return JSONResponse({"error": "as ordered"}, status)

    def throttled(self, retry_after_s: float) -> Response:
        return JSONResponse({"error": "slow down"}, 429, headers={"Retry-After": f"{retry_after_s:.0f}"})

    def expire(self) -> Response:
        return self.failure(401)

    def _parcel(self, id: str) -> dict[str, object]:
        number = int(id[1:4])
        return {"id": id, "label": f"Parcel {number}", "grams": number * 10, "next_id": f"p{number + 2:03}"}

    async def list_parcels(self, request: Request) -> Response:
        token = request.query_params.get("token", "t0")
        if token in self.forgotten:
            return self.failure(410)
        start = int(token[1:])
        wanted = {"id", *request.query_params["fields"].split(",")}
        page = [{k: v for k, v in self._parcel(id).items() if k in wanted} for id in self.ids[start : start + 10]]
        following = f"t{start + 10}" if start + 10 < len(self.ids) else None
        return JSONResponse({"parcels": page, "next": following})

    async def stock(self, request: Request) -> Response:
        limit, after = int(request.query_params["limit"]), request.query_params.get("after", "")
        rest = [id for id in sorted(self.ids) if id > after]
        return JSONResponse({"parcels": [self._parcel(id) for id in rest[:limit]], "more": len(rest) > limit})

    async def search(self, request: Request) -> Response:
        limit, offset = int(request.query_params["limit"]), int(request.query_params.get("offset", "0"))
        if offset + limit > 60:
            return self.failure(400)
        page = [self._parcel(id) for id in self.ids[offset : offset + limit]]
        return JSONResponse({"parcels": page, "next": str(offset + limit)})

    async def count(self, request: Request) -> Response:
        return JSONResponse({"count": len(self.ids)})

    async def get(self, request: Request) -> Response:
        id = request.path_params["id"]
        return JSONResponse(self._parcel(id)) if id in self.ids else self.failure(404)

    async def batch(self, request: Request) -> Response:
        ids = (await request.json())["ids"]
        if len(ids) > 100:
            return self.failure(400)
        found = [self._parcel(id) for id in ids if id in self.ids and id not in self.broken]
        errors = [{"id": id, "code": self.broken[id]} for id in ids if id in self.broken]
        if self.clumsy:
            found = [*reversed(found), *found[:3]]
        return JSONResponse({"parcels": found, "errors": errors}, 207 if errors else 200)

    async def send(self, request: Request) -> Response:
        self.sent.append((await request.json())["label"])
        return JSONResponse({"id": f"s{len(self.sent):03}", "label": self.sent[-1], "grams": 0, "next_id": None}, 201)
