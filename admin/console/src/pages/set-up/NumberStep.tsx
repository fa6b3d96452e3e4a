import { Numbers } from "../settings/NumbersPage";
import { useMay } from "../../session";

/** What has to be set at the carrier: docs/running.md, "Carriers". */
export function NumberStep() {
  const owner = useMay()("owner");
  return (
    <>
      <p className="page-intro">
        The number that people call, with its country code, such as +12025550100. It is answered
        from the next call on.{!owner && " Only an owner adds numbers."}
      </p>
      <Numbers />
      <h3>What to set at your carrier</h3>
      <p>
        Its calls have to reach this installation by SIP. Your operator knows its public address,
        and has to let the carrier's own addresses in (<code>allowed_addresses</code>).
      </p>
      <details>
        <summary>Twilio (Elastic SIP Trunking)</summary>
        <ol>
          <li>Elastic SIP Trunking → Trunks → create one.</li>
          <li>
            Origination → add the URI <code>sip:YOUR.PUBLIC.IP:5060</code>.
          </li>
          <li>Numbers → add the number to the trunk.</li>
          <li>
            For overflow when all lines are busy: a second origination URI with a higher priority
            number.
          </li>
        </ol>
      </details>
      <details>
        <summary>Telnyx</summary>
        <ol>
          <li>Voice → SIP Trunking → create a connection of the type FQDN or IP.</li>
          <li>Authentication and routing → add your public address with port 5060, over UDP.</li>
          <li>
            Inbound → number format (DNIS and ANI) <code>+E.164</code>, codec G.711U.
          </li>
          <li>Numbers → assign the number to the connection.</li>
        </ol>
      </details>
      <details>
        <summary>A number elsewhere, or your present one</summary>
        <p>
          Forward it to a number of a carrier above: always, or only when you are busy or don't
          answer. Add here the number that it is forwarded to.
        </p>
      </details>
    </>
  );
}
