ARG BASE
FROM ${BASE}
# The upstream image keeps its data there and has curl for health checks.
WORKDIR /meili_data
COPY meilisearch /bin/meilisearch
ENV MEILI_HTTP_ADDR=0.0.0.0:7700
EXPOSE 7700
ENTRYPOINT ["tini", "--"]
CMD ["/bin/meilisearch"]
LABEL nself.lab.what="stand-in for MeiliSearch, not the real server"
