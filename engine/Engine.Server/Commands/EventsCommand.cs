using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Engine.Protos.V1;
using Engine.Tables;
using Engine.Tables.Rows;
using Google.Protobuf;

namespace Engine.Server.Commands;

/// <summary>events put: sends the rows of a file to a running engine.</summary>
internal static class EventsCommand
{
    private const int BatchRows = 10_000;
    private const int ShownRows = 20;

    private static readonly string[] Columns = ["user_id", "product_id", "type", "time"];

    /// <summary>The verb with its parts.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description =
                "A .csv, .csv.gz or .parquet file with the columns user_id, product_id, type (view, favorite, "
                    + "cart, purchase, refund), time, and count if it has one.",
        };
        var url = new Option<string>("--url")
        {
            Description = "The engine: an http:// or https:// address of its --urls.",
            DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        var key = new Option<string>("--key-file") { Description = "A file with a key of scope events." };
        var workspace = new Option<string>("--workspace") { Description = "The workspace; default if not given." };
        var dryRun = new Option<bool>("--validate-only") { Description = "Check the rows, send nothing to the log." };
        var json = JsonOutput.Option();
        var put = new Command("put", "Send events to a running engine. Doing it again with the same file adds nothing.")
        {
            file, url, key, workspace, dryRun, json,
        };
        put.SetAction(async (parsed, cancellation) =>
        {
            using var http = new HttpClient { BaseAddress = new Uri(parsed.GetRequiredValue(url)) };
            if (parsed.GetValue(key) is { } path)
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                    "Bearer", (await File.ReadAllTextAsync(path, cancellation)).Trim());
            }

            var total = new PutEventsReply();
            var row = 0;
            foreach (var batch in Batches(parsed.GetRequiredValue(file)))
            {
                (batch.Workspace, batch.ValidateOnly) = (parsed.GetValue(workspace) ?? "", parsed.GetValue(dryRun));
                batch.BatchId = Convert.ToHexStringLower(SHA256.HashData(batch.ToByteArray()));
                var reply = await Send(http, batch, cancellation);
                foreach (var refused in reply.Refused)
                {
                    // Rows of the file, from 0.
                    refused.Row += row;
                    if (total.Refused.Count < ShownRows)
                    {
                        Console.Error.WriteLine($"row {refused.Row + 1}: {Printable.Of(refused.Reason)}");
                    }

                    total.Refused.Add(refused);
                }

                row += batch.Events.Count;
                total.AcceptedCount += reply.AcceptedCount;
                total.HeldCount += reply.HeldCount;
                total.EventsVersion = reply.EventsVersion;
                total.Repeated |= reply.Repeated;
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Format(total));
                return total.Refused.Count == 0 ? 0 : 1;
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{total.AcceptedCount:N0} of {row:N0} rows accepted, {total.Refused.Count:N0} refused; "
                + $"{Version(total.EventsVersion)}."));
            if (total.HeldCount > 0)
            {
                Console.WriteLine(
                    $"{total.HeldCount:N0} rows are not later than the data of the snapshot and have no effect on it.");
            }

            if (total.Repeated)
            {
                Console.WriteLine("The engine had got these rows before: nothing was added.");
            }

            return total.Refused.Count == 0 ? 0 : 1;
        });
        return new Command("events", "What users did since the training.") { put };
    }

    // Engines that serve shards have logs of their own.
    private static string Version(long version) => version < 0
        ? "several engines have them, each with a version of its own"
        : string.Create(CultureInfo.InvariantCulture, $"events version {version}");

    private static async Task<PutEventsReply> Send(
        HttpClient http, PutEventsRequest batch, CancellationToken cancellation)
    {
        using var body = new StringContent(JsonFormatter.Default.Format(batch), Encoding.UTF8, "application/json");
        try
        {
            using var answer = await http.PostAsync(new Uri("v1/events", UriKind.Relative), body, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            return answer.IsSuccessStatusCode
                ? JsonParser.Default.Parse<PutEventsReply>(text)
                : throw new InputException($"{http.BaseAddress} refused the events ({(int)answer.StatusCode}): {text}");
        }
        catch (HttpRequestException e)
        {
            throw new InputException(
                $"no engine answers at {http.BaseAddress}: {e.Message}. Start it, or give --url", e);
        }
    }

    private static IEnumerable<PutEventsRequest> Batches(string path)
    {
        using var reader = Open(path, out var hasCount);
        var batch = new PutEventsRequest();
        while (reader.Read())
        {
            if (reader.Fault != RowFault.None)
            {
                throw new InputException(
                    $"{path}, line {reader.Line}: cannot read the row ({reader.Fault}): {reader.RowText(80)}");
            }

            batch.Events.Add(new Event
            {
                UserId = reader.Text(0).ToString(),
                ProductId = reader.Text(1).ToString(),
                Type = TypeOf(reader.Text(2)),
                Time = reader.Text(3).ToString().Replace(' ', 'T'),
                Count = !hasCount || reader.Text(4).IsEmpty ? 0
                    : int.TryParse(
                        reader.Text(4), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
                    : -1,
            });
            if (batch.Events.Count == BatchRows)
            {
                yield return batch;
                batch = new PutEventsRequest();
            }
        }

        if (batch.Events.Count > 0)
        {
            yield return batch;
        }
    }

    private static TableReader Open(string path, out bool hasCount)
    {
        using (var first = TableFile.Open(path))
        {
            hasCount = first.Columns.Contains("count", StringComparer.Ordinal);
            var meant = first.Columns.FirstOrDefault(
                column => column.Trim().Equals("count", StringComparison.OrdinalIgnoreCase));
            if (!hasCount && meant is not null)
            {
                throw new InputException(
                    $"found the column '{meant}' in {path}; expected 'count', in every letter. Rename the column");
            }
        }

        return TableFile.Open(path, hasCount ? [.. Columns, "count"] : Columns);
    }

    private static EventType TypeOf(ReadOnlySpan<char> text) => text switch
    {
        "view" => EventType.View,
        "favorite" => EventType.Favorite,
        "cart" => EventType.Cart,
        "purchase" => EventType.Purchase,
        "refund" => EventType.Refund,
        _ => EventType.Unspecified,
    };
}
