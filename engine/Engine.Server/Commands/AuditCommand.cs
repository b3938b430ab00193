using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Engine.Server.Audit;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>audit: prints who changed what.</summary>
internal static class AuditCommand
{
    private const string Open = "no end recorded";

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var root = new Option<string>("--snapshots") { Description = "The snapshot root folder.", Required = true };
        var last = new Option<int>("--last")
        {
            Description = "The last so many changes.",
            DefaultValueFactory = _ => 100,
            Validators = { OptionRules.RefuseBelowOne },
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document a change." };
        var command = new Command("audit", "Who changed what: the audit log, oldest first.") { root, last, json };
        command.SetAction(parsed =>
        {
            var log = new AuditLog(parsed.GetRequiredValue(root), long.MaxValue, int.MaxValue);
            var changes = log.Newest(parsed.GetRequiredValue(last), before: "")!.Value.Changes
                .Reverse()
                .Select(change => change with { Result = change.Result ?? Open })
                .ToArray();
            if (parsed.GetValue(json))
            {
                foreach (var change in changes)
                {
                    Console.WriteLine(JsonSerializer.Serialize(change, JsonSerializerOptions.Web));
                }

                return;
            }

            var table = Screen.Table("time (UTC)", "who", "call", "workspace", "object", "before", "after", "result");
            foreach (var change in changes)
            {
                string[] cells = [
                    change.Who!, change.Call!, change.Workspace ?? "", change.Object ?? "", change.Before ?? "",
                    change.After ?? "", change.Result!,
                ];
                table.AddRow(
                    [
                        change.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                        .. cells.Select(cell => Screen.Text(cell)),
                    ]);
            }

            Screen.Create().Write(table);
        });
        return command;
    }
}
