/* Swagger UI over the contract of the server that this page comes from. */
"use strict";

const COOKIE_SECONDS = 10;
const carried = new Set();

/* The contract as this page shows it. The page may speak to its own server alone (its Content-Security-Policy says so),
   which is the first; and an example of an optional parameter is told instead of filled in, since one request with all
   of them together finds nothing. */
function shown(contract) {
  const shared = Object.values(contract.components?.parameters ?? {});
  const inPlace = Object.values(contract.paths ?? {}).flatMap((item) =>
    [item, ...Object.values(item)].flatMap((part) => part?.parameters ?? [])
  );
  [...shared, ...inPlace].forEach(tellExample);
  return { ...contract, servers: contract.servers.slice(0, 1) };
}

function tellExample(parameter) {
  if (parameter.required || parameter.example === undefined) {
    return;
  }
  const example = parameter.example;
  const text = Array.isArray(example) ? example.join(",") : example;
  const told = typeof text === "string" ? text : JSON.stringify(text);
  parameter.description = `${parameter.description ?? ""}\n\nExample: \`${told}\``;
  delete parameter.example;
}

/* A script may not set a Cookie header: the browser leaves it out, and with it the session of the Authorize dialog. So
   the session is a real cookie while a request that takes it is on its way, and nothing is stored. */
function carryCookies(request) {
  for (const pair of request.headers?.Cookie?.split("; ") ?? []) {
    carried.add(pair.split("=", 1)[0]);
    setCookie(pair, COOKIE_SECONDS);
  }
  return request;
}

function dropCookies(response) {
  carried.forEach((name) => setCookie(`${name}=`, 0));
  carried.clear();
  return response;
}

function setCookie(pair, seconds) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${pair}; Path=/api; SameSite=Strict; Max-Age=${seconds}${secure}`;
}

async function start() {
  const answer = await fetch("/openapi.json");
  SwaggerUIBundle({
    dom_id: "#documentation",
    spec: shown(await answer.json()),
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    validatorUrl: null,
    requestInterceptor: carryCookies,
    responseInterceptor: dropCookies,
  });
}

start();
