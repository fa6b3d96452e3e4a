import { api, data, type Schemas } from "../../api/client";
import { useSession } from "../../session";
import { EntityDialog } from "./form/EntityDialog";
import type { FieldShape } from "./form/SchemaField";

export const PASSWORD: FieldShape = {
  name: "password",
  label: "Password",
  kind: "password",
  autoComplete: "new-password",
};

const CURRENT: FieldShape = {
  name: "current_password",
  label: "Your password now",
  kind: "password",
  autoComplete: "current-password",
};

/** Sets one's own password, or that of a user whom one may manage. */
export default function PasswordDialog({
  of,
  onClose,
}: {
  of: { id: string; name: string };
  onClose: () => void;
}) {
  const own = useSession().user.id === of.id;
  const asked = { ...PASSWORD, label: "New password" };
  return (
    <EntityDialog
      title={own ? "Your password" : `Password of ${of.name}`}
      schema="NewPassword"
      fields={own ? [CURRENT, asked] : [asked]}
      first={own ? { current_password: "", password: "" } : { password: "" }}
      submit="Set the password"
      onClose={onClose}
      onSubmit={(values) =>
        data(
          api.POST("/api/v1/users/{user_id}/password", {
            params: { path: { user_id: of.id } },
            body: values as Schemas["NewPassword"],
          }),
        )
      }
    />
  );
}
