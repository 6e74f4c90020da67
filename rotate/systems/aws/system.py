"""AWS as two systems: `aws-secretsmanager://<region>/<secret>#<field>` and `aws-ssm://<region>/<parameter>`.

Sources: botocore's models secretsmanager 2017-10-17 and ssm 2014-11-06; aws/aws-sdk documentation, "Standardized
credential providers" and "Service-specific endpoints" (the variables of the environment).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.systems.aws.address import wrong_parameter, wrong_secret

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination, Notebook

GIVE = """Let the job log in to a role before this step:

    permissions:
      id-token: write
    steps:
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: ${{ secrets.AWS_ROLE_ARN }}
          aws-region: eu-central-1"""


@dataclass(frozen=True, slots=True)
class Amazon(Service):
    """A service of AWS. `signs`: its name in endpoints and signatures; `target`: what names it in each request."""

    signs: str = ""
    target: str = ""

    @property
    def give(self) -> str:
        """Say which right is needed, and how to log in."""
        return f"{self.needs} {GIVE}"

    def at(self, endpoint: str) -> Amazon:
        """Give the same service of one region."""
        return replace(self, usual=endpoint)

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say all that the environment lacks: nothing is contacted."""
        from rotate.systems.aws.login import known

        problems = Problems()
        self.url(environment, problems)
        if not known(environment):
            message = (
                f"There is no login for {self.title}: neither `AWS_ACCESS_KEY_ID`, nor `AWS_ROLE_ARN` with an "
                "identity, nor a profile, nor the role of a container or of an EC2 instance."
            )
            problems.add(ConfigurationError("destination-token-missing", message, self.give))
        return tuple(problem for _, problem in problems.found)


SECRETS = Amazon(
    kind="aws-secretsmanager",
    title="AWS Secrets Manager",
    tokens=(),
    needs="Its role needs `secretsmanager:DescribeSecret`, `GetSecretValue` and `PutSecretValue` on the secret (and "
    "`CreateSecret` to create it), and `kms:Decrypt` and `kms:GenerateDataKey` where it has a KMS key of its own.",
    make="",
    urls=("AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"),
    usual="https://secretsmanager.us-east-1.amazonaws.com",
    says=("__type", "message", "Message"),
    signs="secretsmanager",
    target="secretsmanager",
)
PARAMETERS = Amazon(
    kind="aws-ssm",
    title="AWS Parameter Store",
    tokens=(),
    needs="Its role needs `ssm:GetParameter` and `ssm:PutParameter` on the parameter (and `LabelParameterVersion` for "
    "a label), `ssm:DescribeParameters` on `*`, and `kms:Decrypt` and `kms:Encrypt` where it has a KMS key of its own.",
    make="",
    urls=("AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"),
    usual="https://ssm.us-east-1.amazonaws.com",
    says=("__type", "message", "Message"),
    signs="ssm",
    target="AmazonSSM",
)


def _secret(at: Address, means: Means) -> Destination:
    from rotate.systems.aws.secret import SecretField

    return SecretField(at, means)


def _parameter(at: Address, means: Means) -> Destination:
    from rotate.systems.aws.parameter import Parameter

    return Parameter(at, means)


def _notes(at: Address, means: Means) -> Notebook:
    from rotate.service.notes import KeptNotes
    from rotate.systems.aws.notes import Parameters

    return KeptNotes(Parameters(at, means))


def _fields_of_secret() -> tuple[Field, ...]:
    return (
        Field("region", Kind.TEXT, "The region, such as `eu-central-1`"),
        Field("secret", Kind.TEXT, "The name of the secret, or its ARN"),
    )


def _fields_of_parameter() -> tuple[Field, ...]:
    return (
        Field("region", Kind.TEXT, "The region, such as `eu-central-1`"),
        Field("parameter", Kind.TEXT, "The name of the parameter, without the first `/` where it is in folders"),
        Field("label", Kind.TEXT, "A label of its versions, which is moved to the new one"),
    )


SECRETS_MANAGER = plain(
    Parts(
        "aws-secretsmanager",
        ("{region}/{secret}",),
        (),
        wrong_secret,
        _secret,
        find="rotate.systems.aws.finder:secrets",
        examples=("aws-secretsmanager://eu-central-1/prod/neon#NEON_API_KEY",),
    ),
    Traits(Proof.VALUE, PickUp.AT_READ, creates=True, keeps=("other fields", "older versions", "KMS key", "tags")),
    _fields_of_secret,
    SECRETS.lacks,
)
PARAMETER_STORE = plain(
    Parts(
        "aws-ssm",
        ("{region}/{parameter}",),
        ("label",),
        wrong_parameter,
        _parameter,
        _notes,
        find="rotate.systems.aws.finder:parameters",
        named=False,
        examples=("aws-ssm://eu-central-1/prod/neon/key",),
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        creates=True,
        keeps=("type", "tier", "KMS key", "data type", "pattern", "policies", "description", "tags"),
    ),
    _fields_of_parameter,
    PARAMETERS.lacks,
)
