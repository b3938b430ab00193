using System.CommandLine;
using System.Globalization;
using Engine.Server.Access;
using Engine.Server.Audit;
using Engine.Server.Contract;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>key: add, list and revoke keys. Running engines follow within a second.</summary>
internal static class KeyCommand
{
    /// <summary>The verb with its three actions.</summary>
    public static Command Create() =>
        new("key", "Keys of callers: make, list, revoke. Running engines follow within a second.")
        {
            Add(), List(), Revoke(),
        };

    private static Command Add()
    {
        var (root, file) = Files();
        var name = new Option<string>("--name")
        {
            Description = "Who gets it. Two live keys may have one name, so that one can replace the other.",
            Required = true,
        };
        var scopes = new Option<string[]>("--scopes")
        {
            Description = $"What it allows: {ScopeNames.All}.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var workspaces = new Option<string[]>("--workspaces")
        {
            Description = "Where; '*' for every workspace.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [SnapshotDirectory.DefaultWorkspace],
        };
        var expires = new Option<string>("--expires")
        {
            Description = "Refused from this time on, for example 2027-01-31T00:00:00Z. Default: never.",
        };
        var json = JsonOutput.Option();
        var command = new Command("add", "Make a key. It is printed once and stored hashed.")
        {
            root, file, name, scopes, workspaces, expires, json,
        };
        command.SetAction(parsed =>
        {
            var words = parsed.GetRequiredValue(scopes)
                .SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct().ToArray();
            if (words.FirstOrDefault(word => ScopeNames.Parse(word) == Scopes.None) is { } unknown)
            {
                throw new InputException($"found the scope '{unknown}'; expected {ScopeNames.All}");
            }

            var now = TimeProvider.System.GetUtcNow();
            var end = PlacementAnswers.TimeOf("--expires", parsed.GetValue(expires) ?? "");
            if (end <= now)
            {
                throw new InputException($"found --expires {end:u}; expected a time that is still to come");
            }

            if (parsed.GetRequiredValue(name) is var holder
                && (holder.Length is 0 or > 128 || holder.Any(char.IsControl)))
            {
                throw new InputException("--name has 1 to 128 characters, none of them a control character");
            }

            if (holder.StartsWith(Caller.TokenPrefix, StringComparison.Ordinal))
            {
                throw new InputException(
                    $"found --name '{holder}'; expected one that does not begin with '{Caller.TokenPrefix}': so the "
                    + "audit log names tokens");
            }

            var (key, id, hash) = ApiKey.Create();
            var keys = Of(parsed, root, file);
            var made = new StoredKey(
                id, holder, hash, words, parsed.GetRequiredValue(workspaces), now, end);
            Audited(
                parsed.GetRequiredValue(root),
                "key add",
                $"key {id} of {holder}: {string.Join(", ", words)} in {string.Join(", ", made.Workspaces)}",
                keys,
                () =>
                {
                    keys.Add(made, now);
                    return id;
                });
            Console.WriteLine(parsed.GetValue(json) ? JsonText.Of(new { Key = key, Id = id }) : key);
            Console.Error.WriteLine(
                $"Key {id} of '{holder}' was made. Keep it: only its hash is stored. "
                + "Callers send 'authorization: Bearer KEY'.");
        });
        return command;
    }

    private static Command List()
    {
        var (root, file) = Files();
        var json = JsonOutput.Option();
        var command = new Command("list", "List the keys, without their secrets.") { root, file, json };
        command.SetAction(parsed =>
        {
            var now = TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(json))
            {
                var keys = Of(parsed, root, file).Read().Select(
                    key => new
                    {
                        key.Id,
                        key.Name,
                        key.Scopes,
                        key.Workspaces,
                        key.Created,
                        key.Expires,
                        IsLive = key.IsLive(now),
                    });
                Console.WriteLine(JsonText.Of(new { Keys = keys }));
                return;
            }

            var table = Screen.Table("id", "name", "scopes", "workspaces", "created (UTC)", "expires (UTC)");
            foreach (var key in Of(parsed, root, file).Read())
            {
                table.AddRow(
                    key.Id,
                    Screen.Text(key.Name),
                    string.Join(", ", key.Scopes),
                    Screen.Text(string.Join(", ", key.Workspaces)),
                    Text(key.Created),
                    key.Expires is { } end ? Text(end) + (key.IsLive(now) ? "" : " (expired)") : "never");
            }

            Screen.Create().Write(table);
        });
        return command;
    }

    private static Command Revoke()
    {
        var (root, file) = Files();
        var key = new Argument<string>("key") { Description = "The id of a key, or a name for all keys of that name." };
        var json = JsonOutput.Option();
        var command = new Command("revoke", "Take a key away. Running engines refuse it within a second.")
        {
            key,
            root,
            file,
            json,
        };
        command.SetAction(parsed =>
        {
            var keys = Of(parsed, root, file);
            // Somebody may paste the whole key: its secret must not get into the log.
            var word = ApiKey.TrySplit(parsed.GetRequiredValue(key), out var id, out _)
                ? id.ToString()
                : parsed.GetRequiredValue(key);
            var gone =
                Audited(parsed.GetRequiredValue(root), "key revoke", $"key {word}", keys, () => keys.Revoke(word));
            Console.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(new { Revoked = gone.Select(one => new { one.Id, one.Name }) })
                : $"Revoked {string.Join(", ", gone.Select(one => $"{one.Id} ({one.Name})"))}.");
        });
        return command;
    }

    private static T Audited<T>(string root, string command, string subject, KeyFile keys, Func<T> change) =>
        CommandAudit.Run(root, command, "", subject, () => $"{keys.Read().Count} keys", change);

    private static KeyFile Of(ParseResult parsed, Option<string> root, Option<string> file) =>
        new(KeyFile.PathOf(
            SnapshotDirectory.ExistingRoot(parsed.GetRequiredValue(root)), parsed.GetRequiredValue(file)));

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static (Option<string> Root, Option<string> File) Files() => (
        new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true },
        new Option<string>("--keys")
        {
            Description = "The file of keys. Default: .access/keys.json below --snapshots.",
            DefaultValueFactory = _ => "",
        });
}
