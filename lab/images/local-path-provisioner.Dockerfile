FROM scratch
COPY local-path-provisioner /usr/bin/local-path-provisioner
USER 65532:65532
CMD ["/usr/bin/local-path-provisioner"]
LABEL nself.lab.what="local-path-provisioner, built from its Go module"
