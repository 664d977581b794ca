# The server in a container. Make the package first: npm pack
#
#     docker build -t signalbox .
#     docker run -p 127.0.0.1:4000:4000 -v signalbox:/data signalbox
#     docker exec CONTAINER signalbox token --user root
FROM node:22-bookworm-slim
WORKDIR /app
COPY signalbox-*.tgz ./
RUN echo '{"private":true}' > package.json && npm install --omit=dev --no-audit --no-fund ./signalbox-*.tgz \
  && rm signalbox-*.tgz && npm cache clean --force && mkdir /data && chown node:node /data
ENV PATH=/app/node_modules/.bin:$PATH NODE_ENV=production HOST=0.0.0.0 AUTH=token DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --start-period=10s CMD node -e "fetch('http://127.0.0.1:4000/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
CMD ["node", "/app/node_modules/signalbox/dist/signalbox.js", "serve"]
