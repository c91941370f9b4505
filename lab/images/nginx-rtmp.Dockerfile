ARG BASE
FROM ${BASE}
# Debian loads every module that it has; upstream has RTMP built in and no others.
RUN rm -rf /etc/nginx/modules-enabled /etc/nginx/conf.d /etc/nginx/sites-enabled \
 && mkdir -p /var/run/nginx /var/lock/nginx /usr/local/nginx \
 && ln -sf /dev/stdout /var/log/nginx/access.log \
 && ln -sf /dev/stderr /var/log/nginx/error.log
COPY nginx-rtmp.conf /etc/nginx/nginx.conf
EXPOSE 1935
# The module is loaded here, so that a config written for the upstream image works as it is.
CMD ["nginx", "-g", "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so; daemon off;"]
LABEL nself.lab.what="nginx with the RTMP module, from Debian's packages"
