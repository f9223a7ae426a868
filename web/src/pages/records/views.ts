// The saved views that one has: one's own, and those that are shared with a domain of one's.
import { listViews, type View } from "../../api/records";
import { createStore } from "../../store";

/** Null while they are not known. */
export const views = createStore<readonly View[] | null>(null);

let loading: Promise<void> | null = null;

export function loadViews(again = false): Promise<void> {
  if (again) loading = null;
  loading ??= listViews().then(
    (all) => views.set([...all].sort((a, b) => a.name.localeCompare(b.name))),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

export function putView(view: View): void {
  const others = (views.get() ?? []).filter(({ id }) => id !== view.id);
  views.set([...others, view].sort((a, b) => a.name.localeCompare(b.name)));
}

export function dropView(id: string): void {
  views.set((views.get() ?? []).filter((view) => view.id !== id));
}

export function forgetViews(): void {
  loading = null;
  views.set(null);
}
