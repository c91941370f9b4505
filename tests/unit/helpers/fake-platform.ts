import * as pulumi from "@pulumi/pulumi";
import type {
  AnyPort,
  Hours,
  MediaAddress,
  Platform,
  Port,
  Running,
  Task,
  Workload,
} from "../../../components/workload.ts";

/** A platform that runs nothing and remembers what it was asked. */
export class FakePlatform implements Platform {
  readonly resolver = "192.0.2.53";
  /** What a media server is to tell its clients. */
  mediaAddress: MediaAddress = "192.0.2.1";
  /** Names and ports of media servers, as they were opened. */
  readonly media: [string, readonly AnyPort[]][] = [];
  readonly workloads: Workload[] = [];
  readonly tasks: Task[] = [];
  readonly schedules: [Task, Hours][] = [];

  run(workload: Workload, options: pulumi.ComponentResourceOptions): Running {
    this.workloads.push(workload);
    const port = (name: string) => workload.ports.find((candidate) => candidate.name === name) as Port;
    return {
      ready: new pulumi.ComponentResource("fake:Server", workload.name, {}, options),
      endpoint: (name) => ({ host: "chat.example.com", port: port(name).publish, secure: true }),
      internalAddress: (name) => `${workload.name}.internal:${port(name).listen}`,
      runTask: (task) => {
        this.tasks.push(task);
        return pulumi.output(undefined);
      },
      schedule: (task, every) => {
        this.schedules.push([task, every]);
      },
    };
  }

  openMedia(owner: { readonly name: string }, ports: readonly AnyPort[]): MediaAddress {
    this.media.push([owner.name, ports]);
    return this.mediaAddress;
  }

  existingSecret(name: string) {
    return (key: string) => pulumi.output(`${key}-of-${name}`);
  }
}
