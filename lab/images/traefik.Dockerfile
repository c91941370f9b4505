# Static, and without the pages of the dashboard: its Go module does not hold them.
FROM scratch
COPY traefik /usr/local/bin/traefik
USER 65532:65532
EXPOSE 80
ENTRYPOINT ["/usr/local/bin/traefik"]
LABEL nself.lab.what="Traefik, built from its Go module"
