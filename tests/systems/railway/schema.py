"""Every exchange with the pretend Railway against Railway's GraphQL schema: the document, its variables, the answer.

There is no official description beside the repository: the schema below holds, by hand, the types and fields that the
documents use, as they are in railwayapp/cli src/gql/schema.json (an introspection of the API, of August 2026) and in
terraform-community-providers/terraform-provider-railway schema.graphql (April 2026).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError, build_schema, execute_sync, parse, validate

from rotate.sandbox.ledger import Entry

SCHEMA = build_schema(
    """
    scalar DateTime
    scalar EnvironmentVariables
    enum DeploymentStatus {
      BUILDING CRASHED DEPLOYING FAILED INITIALIZING NEEDS_APPROVAL QUEUED REMOVED REMOVING SKIPPED SLEEPING SUCCESS
      WAITING
    }
    type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }

    type Query {
      projectToken: ProjectToken!
      apiToken: ApiTokenContext!
      projects(after: String, before: String, first: Int, last: Int, workspaceId: String): QueryProjectsConnection!
      environments(after: String, before: String, first: Int, isEphemeral: Boolean, last: Int, projectId: String!):
        QueryEnvironmentsConnection!
      environment(id: String!, projectId: String): Environment!
      variables(environmentId: String!, projectId: String!, serviceId: String, unrendered: Boolean):
        EnvironmentVariables!
      deployment(id: String!): Deployment!
      serviceInstance(environmentId: String!, serviceId: String!): ServiceInstance!
    }
    type Mutation {
      variableUpsert(input: VariableUpsertInput!): Boolean!
      serviceInstanceDeployV2(commitSha: String, environmentId: String!, serviceId: String!): String!
    }
    input VariableUpsertInput {
      environmentId: String!
      name: String!
      projectId: String!
      serviceId: String
      skipDeploys: Boolean = false
      value: String!
    }

    type ProjectToken { id: ID! project: Project! environment: Environment! }
    type ApiTokenContext { workspaces: [ApiTokenWorkspace!]! }
    type ApiTokenWorkspace { id: String! name: String! }
    type Project { id: ID! name: String! deletedAt: DateTime }
    type QueryProjectsConnection { edges: [QueryProjectsConnectionEdge!]! pageInfo: PageInfo! }
    type QueryProjectsConnectionEdge { cursor: String! node: Project! }
    type QueryEnvironmentsConnection { edges: [QueryEnvironmentsConnectionEdge!]! pageInfo: PageInfo! }
    type QueryEnvironmentsConnectionEdge { cursor: String! node: Environment! }
    type Environment {
      id: ID!
      name: String!
      deletedAt: DateTime
      serviceInstances(after: String, before: String, first: Int, last: Int): EnvironmentServiceInstancesConnection!
      variables(after: String, before: String, first: Int, last: Int): EnvironmentVariablesConnection!
    }
    type EnvironmentServiceInstancesConnection {
      edges: [EnvironmentServiceInstancesConnectionEdge!]!
      pageInfo: PageInfo!
    }
    type EnvironmentServiceInstancesConnectionEdge { cursor: String! node: ServiceInstance! }
    type EnvironmentVariablesConnection { edges: [EnvironmentVariablesConnectionEdge!]! pageInfo: PageInfo! }
    type EnvironmentVariablesConnectionEdge { cursor: String! node: Variable! }
    type Variable {
      id: ID!
      name: String!
      serviceId: String
      isSealed: Boolean!
      references: [String!]!
      createdAt: DateTime!
      updatedAt: DateTime!
    }
    type ServiceInstance {
      id: ID!
      serviceId: String!
      serviceName: String!
      deletedAt: DateTime
      latestDeployment: Deployment
      activeDeployments: [Deployment!]!
    }
    type Deployment { id: ID! status: DeploymentStatus! createdAt: DateTime! }
    """
)


def check(entries: Iterable[Entry]) -> int:
    """Assert that every exchange is as the schema has it; give how many answers with data were checked."""
    checked = 0
    for entry in entries:
        sent: dict[str, Any] = json.loads(entry.request_body)
        assert sent.keys() <= {"query", "variables", "operationName"}
        document = parse(sent["query"])
        assert validate(SCHEMA, document) == [], entry.line
        answer: dict[str, Any] = json.loads(entry.response_body) if not entry.faults else {}
        # Executed with the answer's own data: what is missing, too much or of another type is told.
        found = execute_sync(SCHEMA, document, root_value=answer.get("data") or {}, variable_values=sent["variables"])
        if answer.get("data"):
            assert (found.errors, found.data) == (None, answer["data"]), entry.line
            checked += 1
        else:
            _told(answer.get("errors", []), found.errors or [])
    return checked


def _told(errors: list[dict[str, Any]], found: list[GraphQLError]) -> None:
    """An answer without data says why; the variables were right all the same: what is missing is in the data alone."""
    assert all(isinstance(one["message"], str) for one in errors)
    assert not [one for one in found if one.path is None], found
