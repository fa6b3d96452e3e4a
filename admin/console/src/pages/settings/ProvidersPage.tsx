import { Button } from "../../components/Button";
import { useMay } from "../../session";
import type { Schemas } from "../../api/client";
import { SchemaField } from "./form/SchemaField";
import { useDraft } from "./business/draft";

type Provider = Schemas["Provider"];
type Chain = "hearing" | "model" | "speech";

const CHAINS: readonly { name: Chain; title: string; vendor: Provider["vendor"] }[] = [
  { name: "hearing", title: "Hearing", vendor: "deepgram" },
  { name: "model", title: "Thinking", vendor: "openai" },
  { name: "speech", title: "Speaking", vendor: "elevenlabs" },
];
const MOST = 4;

export function ProvidersPage() {
  const may = useMay();
  return (
    <>
      <p className="page-intro">
        Who hears, thinks and speaks for the assistant, the preferred first: when one fails, the
        next takes over in the middle of the call.
        {!may("operator") && " Addresses and keys are set by the operator of this installation."}
      </p>
      {CHAINS.map((chain) => (
        <ChainEditor key={chain.name} {...chain} />
      ))}
    </>
  );
}

function ChainEditor({ name, title, vendor }: (typeof CHAINS)[number]) {
  const draft = useDraft();
  const operator = useMay()("operator");
  const path = `providers.${name}`;
  const chain = draft.get(path) as readonly Provider[];
  const set = (next: readonly Provider[]) => draft.set(path, next);
  return (
    <section className="card chain" aria-label={title}>
      <h2>{title}</h2>
      {chain.map((one, at) => (
        <div key={at} className="provider">
          <strong>
            {at + 1}. {one.vendor}
          </strong>
          <SchemaField
            schema="Provider"
            name="model"
            label="Model"
            value={one.model}
            error={draft.errorOf(`${path}.${at}.model`)}
            strict
            onChange={(model) => set(chain.with(at, { ...one, model: String(model) }))}
          />
          {(operator || one.base_url) && (
            <SchemaField
              schema="Provider"
              name="base_url"
              label="Address"
              kind="url"
              value={one.base_url}
              disabled={!operator}
              error={draft.errorOf(`${path}.${at}.base_url`)}
              strict
              onChange={(base_url) => set(chain.with(at, { ...one, base_url: String(base_url) }))}
            />
          )}
          {(operator || one.api_key_variable) && (
            <SchemaField
              schema="Provider"
              name="api_key_variable"
              label="Key"
              value={one.api_key_variable}
              disabled={!operator}
              error={draft.errorOf(`${path}.${at}.api_key_variable`)}
              strict
              onChange={(key) => set(chain.with(at, { ...one, api_key_variable: String(key) }))}
            />
          )}
          <div className="actions">
            {at > 0 && (
              <Button
                onClick={() => set(chain.toSpliced(at, 1).toSpliced(at - 1, 0, one))}
                aria-label={`Prefer ${one.vendor} ${one.model} in ${title}`}
              >
                Prefer
              </Button>
            )}
            {chain.length > 1 && (
              <Button
                kind="quiet"
                onClick={() => set(chain.toSpliced(at, 1))}
                aria-label={`Remove ${one.vendor} ${one.model} from ${title}`}
              >
                Remove
              </Button>
            )}
          </div>
        </div>
      ))}
      {chain.length < MOST && (
        <Button
          onClick={() => set([...chain, { vendor, model: "", base_url: "", api_key_variable: "" }])}
        >
          Add a backup
        </Button>
      )}
    </section>
  );
}
