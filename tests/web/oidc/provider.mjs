// An identity provider for the tests, on a free port of this machine. Prints its address when it listens.
// Users are who they say they are: the password is not looked at. Roles and boards are those of CLAIMS.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const CLAIMS = JSON.parse(process.env.CLAIMS);
const back = process.env.REDIRECT_URI;
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const server = createServer((request, response) => handle(request, response));
let handle;

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const client = {
    redirect_uris: [back],
    post_logout_redirect_uris: [back.replace("/back", "")],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  };
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: "valfardsbrott", client_secret: "hemlig" },
      { ...client, client_id: "public", token_endpoint_auth_method: "none" },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "test", use: "sig", alg: "RS256" }] },
    cookies: { keys: ["a key of the tests"] },
    pkce: { required: () => true },
    claims: { openid: ["sub"], profile: ["name"], work: ["groups", "boards"] },
    scopes: ["openid", "work"],
    findAccount: (_, sub) => (sub in CLAIMS ? { accountId: sub, claims: () => ({ sub, ...CLAIMS[sub] }) } : undefined),
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  });
  handle = provider.callback();
  process.stdout.write(`${issuer}\n`);
});
