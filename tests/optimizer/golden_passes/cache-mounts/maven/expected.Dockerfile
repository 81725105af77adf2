FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY pom.xml .
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn -B dependency:go-offline
COPY . .
RUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn -B package
FROM eclipse-temurin:17-jre
COPY --from=build /src/target/a.jar /a.jar
CMD ["java", "-jar", "/a.jar"]
