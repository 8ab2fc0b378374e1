// The control API, and its stream of events.

export class Refused extends Error {}

async function call(method, path, fields = {}) {
  const query = method === "GET" ? "?" + new URLSearchParams(fields) : "";
  const body = method === "GET" ? undefined : JSON.stringify(fields);
  const response = await fetch(`/control${path}${query}`, { method, body });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error ?? response.statusText);
  return answer;
}

export const get = (path, fields) => call("GET", path, fields);
export const post = (path, fields) => call("POST", path, fields);
export const patch = (path, fields) => call("PATCH", path, fields);
export const del = (path) => call("DELETE", path);

export function fileUrl(media, inline) {
  const query = new URLSearchParams({ name: media.name ?? media.kind });
  if (inline) {
    query.set("inline", "1");
    query.set("mime", media.mime?.startsWith("image/") ? media.mime : "image/png");
  }
  return `/control/files/${media.file_id}?${query}`;
}

// Follow the servers' log, many lines at a time, until `close()` or the end of the connection.
export function followLog(since, tell) {
  const source = new EventSource(`/control/log/follow?since=${since}`);
  source.onmessage = ({ data }) => tell(JSON.parse(data));
  source.onerror = () => source.close();
  return source;
}

const RETRY = 800; // milliseconds

// Follow the events for ever. `begin` runs (and is awaited) after each connect, before its events are told.
export function follow(begin, tell, connected) {
  const source = new EventSource("/control/events");
  let ready = Promise.resolve();
  source.onopen = () => {
    connected(true);
    ready = begin().catch(() => again());
  };
  source.onmessage = ({ data }) => {
    ready = ready.then(() => tell(JSON.parse(data)));
  };
  const again = () => {
    connected(false);
    source.close(); // a restarted sandbox counts anew: begin again instead of going on
    setTimeout(() => follow(begin, tell, connected), RETRY);
  };
  source.onerror = again;
}
