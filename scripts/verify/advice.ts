import type { Service } from "./check.ts";

/** What their containers are called unless `platform:prefix` says otherwise. */
const CONTAINERS: Readonly<Record<Service, string>> = {
  MeiliSearch: "nchat_meilisearch",
  LiveKit: "nchat_livekit",
  "RTMP Stats": "nchat_rtmp",
};

/** For a server that does not answer. */
export const notRunning = (service: Service) =>
  `Start it with \`npm run up\`; \`docker logs ${CONTAINERS[service]}\` says why it is not there.`;

/** For a server that does not know our keys. */
export const otherStack = (service: Service) =>
  "The outputs seem to belong to another stack or to older keys: run `npm run up`, then `npm run verify`. " +
  `Is ${CONTAINERS[service]} this stack's container?`;

/** For a server that is up and behaves strangely. */
export const seeLogs = (service: Service) => `\`docker logs ${CONTAINERS[service]}\` says more.`;

/** For a server that names an address at which nothing listens. */
export const seePorts = (service: Service) =>
  `Is the port published? \`docker port ${CONTAINERS[service]}\` lists those that are.`;
