import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { allPages } from "../../api/pages";
import { Button } from "../../components/Button";
import { dateAndClock } from "../../components/time";
import { useMay, useSession, useZone } from "../../session";
import { inLine } from "../../words";
import { Collection } from "./form/Collection";
import { words, type FieldShape } from "./form/SchemaField";
import { nameIn, optionsOf, useChanged, usePeople } from "./lists";
import PasswordDialog, { PASSWORD } from "./PasswordDialog";

type User = Schemas["User"];

export function UsersPage() {
  const zone = useZone();
  const { user: me } = useSession();
  const may = useMay();
  const { data: people } = usePeople();
  const [setting, setSetting] = useState<User | null>(null);
  const { data: users, error } = useQuery({
    queryKey: ["users", "all"],
    queryFn: () => allPages((query) => data(api.GET("/api/v1/users", { params: { query } }))),
  });
  const roles = may("owner") ? ["owner", "manager", "staff", "viewer"] : ["staff", "viewer"];
  const mayManage = (row: User) => row.id !== me.id && roles.includes(row.role);
  const fields: readonly FieldShape[] = [
    { name: "name", label: "Name" },
    { name: "email", label: "E-mail", kind: "email", help: "With which they sign in." },
    {
      name: "role",
      label: "Role",
      options: roles.map((role) => ({ value: role, label: words(role) })),
      help: "Viewers read. Staff handle calls, appointments and messages. Managers set everything on these pages, owners numbers and users of any role as well.",
    },
    { name: "person_id", label: "Person", options: optionsOf(people) },
    PASSWORD,
  ];
  return (
    <>
      <Collection<User>
        noun="a user"
        rows={users}
        error={error}
        empty="No users."
        nameOf={(row) => row.name}
        about={(row) =>
          inLine(
            row.email,
            words(row.role),
            nameIn(people, row.person_id),
            row.active ? "" : "kept out",
            row.locked_until === null ? "" : `locked until ${dateAndClock(row.locked_until, zone)}`,
            row.last_sign_in_at === null
              ? "never signed in"
              : `signed in ${dateAndClock(row.last_sign_in_at, zone)}`,
          )
        }
        schema="NewUser"
        laterSchema="UserChange"
        fields={fields}
        laterFields={[{ name: "active", label: "May sign in" }]}
        blank={{ name: "", email: "", role: "staff", person_id: null, password: "" }}
        valuesOf={({ name, email, role, person_id, active }) => ({
          name,
          email,
          role,
          person_id,
          active,
        })}
        create={(values) => data(api.POST("/api/v1/users", { body: values as Schemas["NewUser"] }))}
        update={(row, change) =>
          data(
            api.PATCH("/api/v1/users/{user_id}", {
              params: { path: { user_id: row.id } },
              body: change as Schemas["UserChange"],
            }),
          )
        }
        remove={{
          label: "Delete",
          question: (row) =>
            `${row.name} is signed out and can't sign in again. What they did stays.`,
          run: (row) =>
            data(api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: row.id } } })),
        }}
        changed={useChanged("users")}
        dimmed={(row) => !row.active}
        mayChange={mayManage}
        actions={(row) =>
          (mayManage(row) || row.id === me.id) && (
            <Button aria-label={`Set the password of ${row.name}`} onClick={() => setSetting(row)}>
              Password
            </Button>
          )
        }
      />
      {setting !== null && <PasswordDialog of={setting} onClose={() => setSetting(null)} />}
    </>
  );
}
