// The pages of those who set things up, and everybody's own settings: one file.
export { default as FirstRunPage } from "./first-run";
export { default as MePage } from "./me/me";
export { default as WorkshopPage } from "./workshop/workshop";
