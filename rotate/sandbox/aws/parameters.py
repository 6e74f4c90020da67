"""Parameter Store's actions (botocore's model ssm 2014-11-06, with its documentation)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from rotate.sandbox.aws.state import ACCOUNT, REGION, AWSState, StoredParameter
from rotate.sandbox.aws.words import CodedError, page, text
from rotate.sandbox.exchange import Json

WRITTEN = 1_790_000_000.0
OWN_KEY = "alias/aws/ssm"
MOST_NAMES = 10
KEPT = ("Description", "AllowedPattern", "Tier", "DataType")


class Parameters:
    """Acts on the parameters of an account."""

    def __init__(self, state: AWSState) -> None:
        self._state = state
        self.actions: dict[str, Callable[[dict[str, Json]], dict[str, Json]]] = {
            "GetParameter": self._get,
            "GetParameters": self._some,
            "DescribeParameters": self._describe,
            "PutParameter": self._put,
            "LabelParameterVersion": self._label,
            "DeleteParameter": self._delete,
        }

    def _find(self, name: str) -> StoredParameter:
        found = self._state.parameters.get(name)
        if found is None:
            raise CodedError("ParameterNotFound", "")
        return found

    def _get(self, body: dict[str, Json]) -> dict[str, Json]:
        name, _, label = text(body, "Name").partition(":")
        found = self._find(name)
        version = found.labels.get(label, 0) if label else found.version
        if not version:
            raise CodedError("ParameterVersionNotFound", "")
        value = found.values[version - 1]
        if found.about["Type"] == "SecureString" and body.get("WithDecryption") is not True:
            value = "AQICAHh"
        shown: dict[str, Json] = {"Name": name, "Type": found.about["Type"], "Value": value, "Version": version}
        shown |= {"ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}", "LastModifiedDate": WRITTEN}
        return {"Parameter": {**shown, "DataType": found.about.get("DataType", "text")}}

    def _describe(self, body: dict[str, Json]) -> dict[str, Json]:
        filters = body.get("ParameterFilters")
        values = filters[0].get("Values") if isinstance(filters, list) and isinstance(filters[0], dict) else None
        wanted = values if isinstance(values, list) else []
        found = [one for one in self._state.parameters.values() if filters is None or one.name in wanted]
        rows: list[Json] = [{"Name": one.name, "Policies": [], **one.about, "Version": one.version} for one in found]
        return page(body, "Parameters", rows)

    def _some(self, body: dict[str, Json]) -> dict[str, Json]:
        names = body.get("Names")
        if not isinstance(names, list) or not 0 < len(names) <= MOST_NAMES:
            raise CodedError("ValidationException", "1 validation error detected")
        asked = [str(one) for one in names if one in self._state.parameters]
        more = {"WithDecryption": body.get("WithDecryption")}
        rows = [self._get({"Name": name, **more})["Parameter"] for name in asked]
        return {"Parameters": rows, "InvalidParameters": [one for one in names if one not in asked]}

    def _put(self, body: dict[str, Json]) -> dict[str, Json]:
        name, value = text(body, "Name"), text(body, "Value")
        old = self._state.parameters.get(name)
        if old and body.get("Overwrite") is not True:
            said = "The parameter already exists. To overwrite this value, set the overwrite option to true."
            raise CodedError("ParameterAlreadyExists", said)
        if not re.fullmatch(str(body.get("AllowedPattern") or ".*"), value):
            raise CodedError("ParameterPatternMismatchException", "Parameter value does not match the pattern.")
        one = old or StoredParameter(name)
        kind = str(body.get("Type") or one.about.get("Type") or "String")
        if old and kind != old.about["Type"]:
            raise CodedError("ValidationException", "The parameter type can't be changed.")
        one.values.append(value)
        usual: dict[str, Json] = {"Type": kind, "Tier": "Standard", "DataType": "text"}
        one.about = {**usual, **{key: body[key] for key in KEPT if body.get(key)}}
        if kind == "SecureString":
            one.about["KeyId"] = body.get("KeyId") or OWN_KEY
        if isinstance(policies := body.get("Policies"), str):
            one.about["Policies"] = [
                {"PolicyText": json.dumps(policy), "PolicyType": policy["Type"], "PolicyStatus": "Pending"}
                for policy in json.loads(policies)
            ]
        self._state.parameters[name] = one
        return {"Version": one.version, "Tier": one.about.get("Tier", "Standard")}

    def _delete(self, body: dict[str, Json]) -> dict[str, Json]:
        del self._state.parameters[self._find(text(body, "Name")).name]
        return {}

    def _label(self, body: dict[str, Json]) -> dict[str, Json]:
        found, version = self._find(text(body, "Name")), body.get("ParameterVersion")
        labels = body.get("Labels")
        if not isinstance(version, int) or not isinstance(labels, list):
            raise CodedError("ValidationException", "1 validation error detected")
        bad: list[Json] = [one for one in labels if not re.fullmatch("[A-Za-z_.-][A-Za-z0-9_.-]*", str(one))]
        found.labels |= {str(one): version for one in labels if one not in bad}
        return {"InvalidLabels": bad, "ParameterVersion": version}
