from maven:3.9-eclipse-temurin-17 as build
workdir /app
copy . .
run --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn -q package

from eclipse-temurin:17-jre
workdir /app
copy --from=build /app/target/app.jar /app/target/app.jar
entrypoint ["java", "-jar", "target/app.jar"]
