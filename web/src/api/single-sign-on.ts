// Single sign-on as administrators see it.
import { call, Problem } from "../api";
import type { components } from "../generated/schema";

type Schemas = components["schemas"];

export type Settings = Schemas["SingleSignOn"];
export type Rule = Schemas["GroupRule"];
export type RuleRequest = Schemas["GroupRuleRequest"];
export type Test = Schemas["SignInTest"];

export const readSettings = () => call("GET", "/single-sign-on");
export const listRules = async (): Promise<Rule[]> => (await call("GET", "/single-sign-on/rules")).items;
export const addRule = (body: RuleRequest) => call("POST", "/single-sign-on/rules", { body });
export const removeRule = (id: string) => call("DELETE", "/single-sign-on/rules/{id}", { path: { id } });

/** Begins a test: the address at the provider where the browser goes; it comes back to `to`. */
export const startTest = async (to: string): Promise<string> =>
  (await call("POST", "/single-sign-on/test", { body: { to } })).url;

/** What one's last test has found; null without one. */
export async function readTest(): Promise<Test | null> {
  try {
    return await call("GET", "/single-sign-on/test");
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
