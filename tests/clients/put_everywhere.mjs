// Put a secret into each of many places with Octokit and libsodium; what and where comes from the environment.
import { Octokit } from "@octokit/core";
import sodium from "libsodium-wrappers";

const { API_URL, TOKEN, PLACES, NAME, VALUE } = process.env;
const octokit = new Octokit({ auth: TOKEN, baseUrl: API_URL });
const told = [];

await sodium.ready;
for (const { route, where, access } of JSON.parse(PLACES)) {
  const { data: key } = await octokit.request(`GET ${route}/public-key`, where);
  const raw = sodium.from_base64(key.key, sodium.base64_variants.ORIGINAL);
  const sealed = sodium.crypto_box_seal(sodium.from_string(VALUE), raw);
  const body = {
    ...where,
    ...access,
    secret_name: NAME,
    encrypted_value: sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL),
    key_id: key.key_id,
  };
  const { status } = await octokit.request(`PUT ${route}/{secret_name}`, body);
  const { data: kept } = await octokit.request(`GET ${route}/{secret_name}`, { ...where, secret_name: NAME });
  const { data: listed } = await octokit.request(`GET ${route}`, where);
  told.push({ status, name: kept.name, visibility: kept.visibility ?? "", count: listed.total_count });
}
console.log(JSON.stringify(told));
