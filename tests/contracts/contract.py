"""One provider's machine-readable contract (OpenAPI 3.0), and what an exchange with its sandbox breaks of it.

Source: https://spec.openapis.org/oas/v3.0.3
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.contracts.fetch import place_of
from tests.providers.worlds import Exchange

HERE = Path(__file__).parent
METHODS = frozenset("get put post delete patch".split())
CONTRACT = "urn:contract"
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract, and where it stands there."""

    method: str
    template: str
    definition: Json
    parameters: tuple[Json, ...]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.template}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = ["[^/]+" if part.startswith("{") else re.escape(part) for part in self.template.split("/")]
        return re.compile("/".join(parts))

    def matches(self, method: str, path: str) -> bool:
        return method.lower() == self.method and self.pattern.fullmatch(path) is not None


@dataclass(frozen=True)
class Terms:
    """What `<provider>.toml` says: which document is the contract, and what that is known to be wrong or silent about.

    `exceptions` are patterns with `*` for what `breaches` gives and is no fault of ours. `outside` are operations of
    the sandbox that have nothing to do with the contract, or that our client never asks for.
    """

    contract: "Contract"
    exceptions: list[str]
    outside: frozenset[str]


def terms_of(name: str) -> Terms:
    """In the file, exceptions stand under the reason for them, and a reason beside what is outside."""
    stated = tomllib.loads((HERE / f"{name}.toml").read_text())
    file = place_of(stated["document"])
    if not file.exists():
        raise FileNotFoundError(f"{file.name} is not there: run `make contracts`")
    exceptions = [pattern for patterns in stated.get("exceptions", {}).values() for pattern in patterns]
    return Terms(Contract(json.loads(file.read_text())), exceptions, frozenset(stated.get("outside", ())))


class Contract:
    """An OpenAPI document, which is held against exchanges."""

    def __init__(self, document: Any) -> None:
        self._document = strict(document, frozenset(parts_of_others(document)))

    @cached_property
    def _registry(self) -> Registry[Any]:
        empty: Registry[Any] = Registry()
        registry: Registry[Any] = empty.with_resource(CONTRACT, DRAFT4.create_resource(self._document))
        return registry

    @cached_property
    def operations(self) -> list[Operation]:
        """Those with fewer placeholders first, as these are more exact."""
        found = [
            Operation(method, template, definition, self._parameters(item, definition))
            for template, item in self._document["paths"].items()
            for method, definition in item.items()
            if method in METHODS
        ]
        return sorted(found, key=lambda operation: operation.template.count("{"))

    @cached_property
    def _prefix(self) -> str:
        address: str = self._document["servers"][0]["url"]
        return urlsplit(address).path.rstrip("/")

    def breaches(self, exchange: Exchange) -> Iterator[str]:
        """What the client's request and, if it was granted, the sandbox's answer do that the contract does not have."""
        path = exchange.path.removeprefix(self._prefix)
        operation = next((one for one in self.operations if one.matches(exchange.method, path)), None)
        if operation is None or not exchange.path.startswith(self._prefix):
            yield f"{exchange.method} {exchange.path}: no such operation"
            return
        yield from self._query(operation, exchange)
        yield from self._body(operation, exchange)
        if exchange.status < 300:
            yield from self._answer(operation, exchange)

    def _parameters(self, item: Json, definition: Json) -> tuple[Json, ...]:
        return tuple(self._resolved(one) for one in (*item.get("parameters", ()), *definition.get("parameters", ())))

    def _resolved(self, value: Json) -> Any:
        if "$ref" not in value:
            return value
        place = self._document
        for key in value["$ref"].removeprefix("#/").split("/"):
            place = place[key.replace("~1", "/").replace("~0", "~")]
        return self._resolved(place)

    def _query(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        known = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
        known |= {f"{name}[]": one for name, one in known.items()}
        sent = nested(parse_qsl(exchange.query, keep_blank_values=True))
        for name, value in sent.items():
            parameter = known.get(name)
            if parameter is None:
                yield f"{operation.name} query: {name} is not in the contract"
            else:
                schema = parameter.get("schema", {})
                yield from self._checked(f"{operation.name} query", schema, self._read(schema, value), f".{name}")
        for name, parameter in known.items():
            if parameter.get("required") and name == parameter["name"] and name not in sent:
                yield f"{operation.name} query: {name} is missing"

    def _body(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        if not exchange.body:
            return
        contents = self._resolved(operation.definition.get("requestBody", {})).get("content", {})
        kind = exchange.content_type.partition(";")[0]
        if kind not in contents:
            yield f"{operation.name} body: {kind} is not in the contract"
        schema: Json = next((contents[one].get("schema", {}) for one in (kind, *contents) if one in contents), {})
        if kind == "application/json":
            value = json.loads(exchange.body)
        else:
            value = self._read(schema, nested(parse_qsl(exchange.body.decode(), keep_blank_values=True)))
        yield from self._checked(f"{operation.name} body", schema, value)

    def _answer(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        answers = operation.definition["responses"]
        stated = (
            answers.get(str(exchange.status)) or answers.get(f"{exchange.status // 100}XX") or answers.get("default")
        )
        if stated is None:
            yield f"{operation.name} answer: {exchange.status} is not in the contract"
            return
        wrong = self._wrong(operation, stated, exchange)
        if "default" in answers and wrong and not self._wrong(operation, answers["default"], exchange):
            return  # an error under 200
        yield from wrong

    def _wrong(self, operation: Operation, stated: Json, exchange: Exchange) -> list[str]:
        content = self._resolved(stated).get("content", {}).get("application/json", {})
        if "schema" not in content or not exchange.answer:
            return []
        return list(self._checked(f"{operation.name} answer", content["schema"], json.loads(exchange.answer)))

    def _checked(self, where: str, schema: Json, value: Any, name: str = "") -> Iterator[str]:
        validator = Draft4Validator(absolute(schema), registry=self._registry)
        for error in validator.iter_errors(value):
            yield from (f"{where}: {said}" for said in sayings(error, name))

    def _read(self, schema: Json, value: Any) -> Any:
        """A value from a query or form as JSON has it, if the schema lets it be that."""
        schema = self._resolved(schema)
        for choice in schema.get("anyOf", ()):
            read = self._read(choice, value)
            if Draft4Validator(absolute(choice), registry=self._registry).is_valid(read):
                return read
        kinds = schema.get("type", ())
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            return {key: self._read(properties.get(key, {}), inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._read(schema.get("items", {}), inner) for inner in value]
        if "array" in kinds:
            return [self._read(schema.get("items", {}), value)]
        if "boolean" in kinds and value in ("true", "false"):
            return value == "true"
        if ("integer" in kinds or "number" in kinds) and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return json.loads(value)
        return value


def strict(value: Any, open_ones: frozenset[str], place: str = "#", *, part: bool = False) -> Any:
    """A document as JSON Schema (draft 4) reads it, with `nullable` spelled out and objects that have what they say.

    A schema that is a part of others (by `allOf`) has to put up with what these have.
    """
    if isinstance(value, list):
        return [strict(one, open_ones, f"{place}/{number}", part=part) for number, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    made = {
        key: strict(one, open_ones, f"{place}/{key.replace('~', '~0').replace('/', '~1')}", part=key == "allOf")
        for key, one in value.items()
        if key not in ("example", "examples", "nullable")
    }
    is_object = isinstance(made.get("properties"), dict) and made.get("type") in (None, "object")
    if is_object and "additionalProperties" not in made and not part and place not in open_ones and "allOf" not in made:
        made["additionalProperties"] = False
    if value.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def parts_of_others(value: Any) -> Iterator[str]:
    """The schemas that others are made of."""
    if isinstance(value, list):
        for one in value:
            yield from parts_of_others(one)
    elif isinstance(value, dict):
        parts = value.get("allOf")
        if isinstance(parts, list):
            yield from (one["$ref"] for one in parts if "$ref" in one)
        for one in value.values():
            yield from parts_of_others(one)


def absolute(value: Any) -> Any:
    """A schema whose references are to the contract's document, wherever it is read."""
    if isinstance(value, list):
        return [absolute(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"{CONTRACT}{one}" if key == "$ref" and isinstance(one, str) else absolute(one)
        for key, one in value.items()
    }


def sayings(error: ValidationError, above: str = "") -> Iterator[str]:
    """What is wrong, one place each, as names alone; of several possible forms, what bars the most likely."""
    wanted: Any = error.validator_value
    schema: Any = error.schema
    place = above + "".join(f".{step}" for step in error.path if isinstance(step, str))
    if error.validator in ("anyOf", "oneOf") and error.context:
        forms: dict[Any, list[str]] = {}
        for inner in error.context:
            forms.setdefault(inner.schema_path[0], []).extend(sayings(inner, place))
        yield from min(forms.values(), key=lambda said: (any(" is no " in one for one in said), len(said)))
    elif error.validator == "required":
        (name,) = (name for name in wanted if f"{name!r} is" in error.message)
        yield f"{place}.{name} is missing".lstrip(".")
    elif error.validator == "additionalProperties":
        known = schema.get("properties", {})
        unknown = [name for name in dict(error.instance) if name not in known]  # type: ignore[arg-type]
        yield from (f"{place}.{name} is not in the contract".lstrip(".") for name in unknown)
    elif error.validator == "type":
        yield f"{place.lstrip('.')} is no {wanted}"
    else:
        yield f"{place.lstrip('.')} is against its {error.validator}"


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1`, `a[]=1` and `a[0][b]=1` as objects and lists; a name that comes twice has a list."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, *inner = [unquote(step) for step in name.replace("]", "").split("[")]
        place: Any = tree
        path = [head, *inner]
        for key, following in pairwise(path):
            fresh: Any = [] if following == "" or following.isdecimal() else {}
            if isinstance(place, list):
                if int(key) == len(place):
                    place.append(fresh)
                place = place[int(key)]
            else:
                place = place.setdefault(key, fresh)
        last = path[-1]
        if isinstance(place, list):
            place.append(value)
        elif last in place:
            place[last] = [*([place[last]] if isinstance(place[last], str) else place[last]), value]
        else:
            place[last] = value
    return tree
