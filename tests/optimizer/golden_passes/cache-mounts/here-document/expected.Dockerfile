FROM node:20
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm <<EOF
set -e
npm ci
npm run build
EOF
CMD ["node", "server.js"]
