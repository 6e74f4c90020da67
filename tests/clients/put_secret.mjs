// Put a secret with Octokit and libsodium, as GitHub's own guide does; everything comes from the environment.
import { Octokit } from "@octokit/core";
import sodium from "libsodium-wrappers";

const { API_URL, TOKEN, OWNER, REPO, NAME, VALUE } = process.env;
const octokit = new Octokit({ auth: TOKEN, baseUrl: API_URL });
const where = { owner: OWNER, repo: REPO };

await sodium.ready;
const { data: key } = await octokit.request("GET /repos/{owner}/{repo}/actions/secrets/public-key", where);
const raw = sodium.from_base64(key.key, sodium.base64_variants.ORIGINAL);
const sealed = sodium.crypto_box_seal(sodium.from_string(VALUE), raw);
const { status } = await octokit.request("PUT /repos/{owner}/{repo}/actions/secrets/{secret_name}", {
  ...where,
  secret_name: NAME,
  encrypted_value: sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL),
  key_id: key.key_id,
});
const created = await octokit.request("POST /repos/{owner}/{repo}/actions/variables", { ...where, name: "V", value: "1" });
const again = await octokit
  .request("POST /repos/{owner}/{repo}/actions/variables", { ...where, name: "V", value: "2" })
  .catch((error) => error);
const { data: listed } = await octokit.request("GET /repos/{owner}/{repo}/actions/secrets", where);
console.log(
  JSON.stringify({
    put: status,
    created: created.status,
    again: again.status,
    secrets: listed.secrets.map((secret) => secret.name),
  }),
);
