"""What Railway is asked, in GraphQL. No value stands in a document: each goes as a variable beside it.

Source: the schema in railwayapp/cli src/gql/schema.json (August 2026), which is an introspection of the API.
"""

from __future__ import annotations

_PAGE = "pageInfo { hasNextPage endCursor }"

BY_PROJECT = "query ProjectOfToken { projectToken { project { id name } environment { id name } } }"
BY_ACCOUNT = "query WorkspacesOfToken { apiToken { workspaces { id } } }"
PROJECTS = (
    "query Projects($workspaceId: String, $after: String) { projects(workspaceId: $workspaceId, after: $after) "
    f"{{ edges {{ node {{ id name deletedAt }} }} {_PAGE} }} }}"
)
ENVIRONMENTS = (
    "query Environments($projectId: String!, $after: String) { environments(projectId: $projectId, after: $after) "
    f"{{ edges {{ node {{ id name deletedAt }} }} {_PAGE} }} }}"
)
# The services that this environment has, with what runs of each.
SERVICES = (
    "query Services($environmentId: String!, $projectId: String!, $after: String) "
    "{ environment(id: $environmentId, projectId: $projectId) { serviceInstances(after: $after) { edges { node "
    "{ serviceId serviceName deletedAt latestDeployment { status } activeDeployments { id } } } "
    f"{_PAGE} }} }} }}"
)
# With references as they are written, not with what they mean. Without a service: what the environment shares.
VARIABLES = (
    "query Variables($projectId: String!, $environmentId: String!, $serviceId: String) { variables(projectId: "
    "$projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true) }"
)
# Their names and times, those of the sealed ones too.
LISTED = (
    "query Listed($environmentId: String!, $projectId: String!, $after: String) "
    "{ environment(id: $environmentId, projectId: $projectId) { variables(after: $after) { edges { node "
    f"{{ name serviceId isSealed references updatedAt }} }} {_PAGE} }} }} }}"
)
UPSERT = "mutation Upsert($input: VariableUpsertInput!) { variableUpsert(input: $input) }"
DEPLOY = (
    "mutation Deploy($environmentId: String!, $serviceId: String!) { serviceInstanceDeployV2(environmentId: "
    "$environmentId, serviceId: $serviceId) }"
)
DEPLOYMENT = (
    "query Deployment($id: String!, $environmentId: String!, $serviceId: String!) { deployment(id: $id) "
    "{ id status createdAt } serviceInstance(environmentId: $environmentId, serviceId: $serviceId) "
    "{ latestDeployment { id status createdAt } } }"
)
