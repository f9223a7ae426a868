// What JSX becomes in the build (build.mjs).
export { Fragment, h } from "preact";
