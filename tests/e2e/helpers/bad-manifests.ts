/** What each judge of Kubernetes objects has something to say about, and the schemas of custom resources as well. */
export const badManifests = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bad
spec:
  replicas: 1
  colour: green
  selector: { matchLabels: { app: bad } }
  template:
    metadata: { labels: { app: bad } }
    spec:
      hostNetwork: true
      containers:
        - name: bad
          image: nginx:latest
          securityContext: { privileged: true }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: careless, annotations: { "kube-score/ignore": "container-resources" } }
spec:
  serviceName: nothing
  selector: { matchLabels: { app: careless } }
  template:
    metadata: { labels: { app: careless } }
    spec:
      containers: [{ name: careless, image: nginx }]
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: bad }
spec: { secretName: tls, dnsName: wrong.example.com, issuerRef: { name: issuer } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: bad }
spec: { parentRefs: [{ name: gateway }], hostname: wrong.example.com }
---
apiVersion: example.com/v1
kind: Unheard
metadata: { name: of }
`;

export const badNginx = `
events { worker_connections 10; }
http {
  server {
    location ~ ^/proxy/(.*)$ { proxy_pass http://127.0.0.1/$uri; }
  }
}
`;

export const badRules = `
groups:
  - name: bad
    rules:
      - alert: Bad
        expr: up ===
`;

export const badWorkflow = `
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ github.event.unheard.of() }}
`;
