// Read a variable, write its value for one context, build the site, and look at the deploy, with Netlify's own client.
import { NetlifyAPI } from "@netlify/api";

const { API_URL, TOKEN, ACCOUNT, SITE, KEY, VALUE } = process.env;
const { protocol, host } = new URL(API_URL);
const api = new NetlifyAPI(TOKEN, { scheme: protocol.slice(0, -1), host, pathPrefix: "/api/v1" });

const [site] = (await api.listSites({ name: SITE, filter: "all" })).filter((one) => one.name === SITE);
const where = { account_id: ACCOUNT, site_id: site.id };
const before = await api.getEnvVar({ ...where, key: KEY });
const after = await api.setEnvVarValue({ ...where, key: KEY, body: { context: "production", value: VALUE } });
await api.createEnvVars({ ...where, body: [{ key: "NEW_ONE", values: [{ context: "all", value: VALUE }] }] });
const listed = await api.getEnvVars(where);
const build = await api.createSiteBuild({ site_id: site.id, clear_cache: true });
const deploy = await api.getDeploy({ deploy_id: build.deploy_id });
const deploys = await api.listSiteDeploys({ site_id: site.id, production: true });
const gone = await api.getEnvVar({ ...where, key: "GONE" }).catch((error) => error);
console.log(
  JSON.stringify({
    before: before.values.map(({ context, value }) => [context, value]),
    after: after.values.map(({ context, value }) => [context, value]),
    listed: listed.map(({ key }) => key),
    state: deploy.state,
    newest: deploys[0].id === deploy.id,
    gone: gone.status,
  }),
);
