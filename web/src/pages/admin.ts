// The pages of those who set things up, and everybody's own settings: one file, as the desk is.
import "../main";

export { default as FirstRunPage } from "./first-run";
export { default as MePage } from "./me/me";
export { default as WorkshopPage } from "./workshop/workshop";
