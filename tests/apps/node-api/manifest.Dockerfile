FROM node:18
WORKDIR /srv/api
COPY package.json .
COPY vendor vendor
COPY build.js .
COPY src src
RUN --mount=type=cache,target=/root/.npm node build.js
ENV NODE_ENV=production
EXPOSE 3000
CMD ["node", "dist/server.js"]
