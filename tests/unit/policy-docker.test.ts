import { fine, judgeCases } from "./helpers/policy-cases.ts";
import { dockerContainer } from "./helpers/policy-resources.ts";

const remoteImage = (name: string) => ({
  type: "docker:index/remoteImage:RemoteImage",
  name: "image",
  props: { name },
});

judgeCases({
  "docker-image-pinned": [
    [
      remoteImage("tiangolo/nginx-rtmp:latest"),
      [
        "the tag of tiangolo/nginx-rtmp:latest moves. Name a release, or pin what it is today: tiangolo/nginx-rtmp:latest@sha256:…",
      ],
    ],
    fine(remoteImage("livekit/livekit-server:v1.13.5")),
  ],
  "docker-loopback": [
    [
      dockerContainer({
        ports: [
          { internal: 1, external: 2 },
          { internal: 3, ip: "0.0.0.0" },
        ],
        networkMode: "host",
      }),
      [
        "port 2 is published on every address of this machine. Set ip to 127.0.0.1",
        "port 3 is published on 0.0.0.0. Set ip to 127.0.0.1",
        "it is on the network of the machine. Publish its ports instead",
      ],
    ],
    fine(dockerContainer()),
  ],
  "docker-unprivileged": [
    [
      dockerContainer({ privileged: true, pidMode: "host", volumes: [{ hostPath: "/var/run/docker.sock" }] }),
      [
        "it is privileged. Set privileged to false",
        "it sees the processes of the machine. Leave pidMode out",
        "it gets /var/run/docker.sock, and with it the whole machine. Leave that mount out",
      ],
    ],
    fine(dockerContainer()),
  ],
  "docker-capabilities": [
    [
      dockerContainer({ capabilities: { drops: ["NET_RAW"] } }),
      ['it keeps capabilities that it may not need. Set capabilities.drops to ["ALL"]'],
    ],
    fine(dockerContainer({ capabilities: { drops: ["ALL"], adds: ["CAP_SETGID"] } })),
  ],
  "docker-memory": [
    [dockerContainer({ memory: undefined }), ["it has no limit. Set memory, in MiB"]],
    fine(dockerContainer()),
  ],
  "docker-secret-env": [
    [
      dockerContainer({ envs: ["DB_PASSWORD=postgres", "DSN=mysql://root:pw@db/x", "PATH=/bin"] }),
      [
        "the secret in DB_PASSWORD has 8 characters. Use 16 or more, generated ones",
        "the variable DSN holds an address with a password in it. Hand it over as an uploaded file",
      ],
    ],
    fine(dockerContainer()),
  ],
});
