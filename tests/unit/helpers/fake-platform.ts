import * as pulumi from "@pulumi/pulumi";
import type { Platform, Port, Running, Task, Workload } from "../../../components/workload.ts";

/** A platform that runs nothing and remembers what it was asked. */
export class FakePlatform implements Platform {
  readonly mediaAddress = "192.0.2.1";
  readonly workloads: Workload[] = [];
  readonly tasks: Task[] = [];

  run(workload: Workload, options: pulumi.ComponentResourceOptions): Running {
    this.workloads.push(workload);
    const port = (name: string) => workload.ports.find((candidate) => candidate.name === name) as Port;
    return {
      ready: new pulumi.ComponentResource("fake:Server", workload.name, {}, options),
      endpoint: (name) => ({ host: "chat.example.com", port: port(name).publish, secure: true }),
      internalAddress: (name) => `${workload.name}:${port(name).listen}`,
      runTask: (task) => {
        this.tasks.push(task);
        return pulumi.output(undefined);
      },
    };
  }
}
