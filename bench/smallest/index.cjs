// Plain JavaScript, one resource of each provider: nothing is left to leave out.
const docker = require("@pulumi/docker");
const random = require("@pulumi/random");

new random.RandomPassword("password", { length: 8 });
new docker.Volume("volume", { name: "nchat-bench" });
