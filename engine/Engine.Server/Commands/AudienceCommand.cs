using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Audit;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>
/// audience: save, list, export and delete audiences beside the snapshots; a running server sees changes at once.
/// </summary>
internal static class AudienceCommand
{
    /// <summary>The verb with its four actions.</summary>
    public static Command Create() =>
        new("audience", "Named sets of users: from files, behavior, results or other audiences.")
        {
            AudienceSave.Create(), List(), Export(), Delete(),
        };

    private static Command List() => new QueryOptions().Complete(
        new Command("list", "List the saved audiences and how many of their users are in the snapshot."),
        (queried, _, _) => new ListAudiencesReply
        {
            Audiences = { queried.Catalog.Audiences
                .List()
                .Select(audience => AudienceAnswers.Describe(queried.Model, queried.Catalog, audience)) },
        },
        reply => Print(reply.Audiences));

    private static Command Export()
    {
        var name = Name();
        var file = new Option<string?>("--out") { Description = "A .csv, .csv.gz or .parquet file." };
        var target = new TableOptions(required: false);
        return new QueryOptions().Complete(
            new Command(
                "export",
                "Write the user ids of an audience to a file, or to a table (audience, user_id) of a database.")
            {
                name,
                file,
                target.Source,
                target.Table,
                target.Streams,
            },
            (queried, parsed, _) =>
            {
                var audience = queried.Catalog.Audiences.Get(parsed.GetRequiredValue(name));
                var ids = queried.Catalog.Audiences.Ids(audience.Name);
                var intoTable = TableOptions.IsGiven(parsed, target.Source, target.Table);
                if (parsed.GetValue(file) is { Length: > 0 } path)
                {
                    Write(path, ids);
                }
                else if (!intoTable)
                {
                    throw new InputException("Give --out, or --source and --table");
                }

                if (intoTable)
                {
                    using var source = new SqlSource(DataSourceFile.Read(parsed.GetValue(target.Source)!));
                    AudienceTable.Publish(
                        source,
                        parsed.GetValue(target.Table)!,
                        audience.Name,
                        ids,
                        target.WriteOptions(parsed, CancellationToken.None));
                }

                return AudienceAnswers.Describe(queried.Model, queried.Catalog, audience);
            },
            audience => Print([audience]));
    }

    private static void Write(string path, IEnumerable<string> ids)
    {
        using var table = TableFile.Create(path, [new Engine.Tables.Rows.TableColumn("user_id", ColumnType.Text)]);
        foreach (var id in ids)
        {
            table.Write(id);
            table.EndRow();
        }

        table.Complete();
    }

    private static Command Delete()
    {
        var name = Name();
        return new QueryOptions().Complete(
            new Command("delete", "Delete an audience.") { name },
            (queried, parsed, _) =>
            {
                var audience = parsed.GetRequiredValue(name);
                return queried.Audited(
                    "audience delete",
                    $"audience {audience}",
                    () => AuditedState.Audience(queried.Catalog, audience),
                    () =>
                    {
                        queried.Catalog.Audiences.Delete(audience);
                        return new DeleteAudienceReply();
                    });
            },
            _ => { });
    }

    /// <summary>--name.</summary>
    public static Option<string> Name() => new("--name") { Description = "Case-sensitive.", Required = true };

    /// <summary>Prints a table of audiences, and notes about them.</summary>
    public static void Print(IReadOnlyCollection<Audience> audiences)
    {
        var table = Screen.Table("audience", "users", "in scope", "identity type", "source");
        foreach (var audience in audiences)
        {
            table.AddRow(
                Screen.Text(audience.Name),
                audience.UserCount.ToString("N0", CultureInfo.InvariantCulture),
                audience.InScopeCount.ToString("N0", CultureInfo.InvariantCulture),
                Screen.Text(audience.IdentityType),
                Screen.Text(audience.Source));
        }

        Screen.Create().Write(table);
        foreach (var note in audiences.SelectMany(audience => audience.Notes))
        {
            Console.WriteLine(note);
        }
    }
}
