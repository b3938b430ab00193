using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;
using Engine.Server.Json;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Services;

/// <summary>Files over HTTP as themselves: transcoded streams are newline-delimited JSON.</summary>
internal static partial class DownloadEndpoints
{
    /// <summary>Adds the downloads of task results and audiences.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/tasks/{id}/download", Task).WithRules();
        app.MapGet(
            "/v1/audiences/{name}/export",
            (string name, string? workspace, WorkspaceRegistry workspaces, HttpContext http) =>
                Send(
                    http,
                    ["workspace"],
                    FileFormat.Csv,
                    _ => AudienceExport.Chunks(workspaces.Get(workspace ?? "").Catalog.Audiences.Ids(name))))
                .WithRules();
    }

    private static Task Task(
        string id,
        string? workspace,
        string? format,
        [FromQuery(Name = "held_out")] string? heldOut,
        WorkspaceRegistry workspaces,
        TaskQueue tasks,
        HttpContext http) =>
        Send(
            http,
            ["workspace", "format", "held_out"],
            FormatOf(format),
            kind => TaskResults.Download(
                tasks.Of(workspaces.Get(workspace ?? "")).Store, id, kind, IsHeldOut(heldOut)));

    private static bool IsHeldOut(string? word) => word switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new FieldException("held_out", $"found held_out = {word}, expected true or false"),
    };

    private static FileFormat FormatOf(string? word) => word switch
    {
        null or "csv" => FileFormat.Csv,
        "parquet" => FileFormat.Parquet,
        "skipped" => FileFormat.SkippedCsv,
        _ => FileFormat.Unspecified,
    };

    private static async Task Send(
        HttpContext http,
        string[] parameters,
        FileFormat format,
        Func<FileFormat, IEnumerable<ReadOnlyMemory<byte>>> open)
    {
        try
        {
            WorkspaceGuard.Check(http, http.Request.Query["workspace"].ToString());
            Check(http.Request.Query, parameters, format);
            var streams = http.RequestServices.GetRequiredService<OpenStreams>();
            using var stream = streams.Open(WorkspaceGuard.KeyCheck(http));
            var chunks = open(format);
            http.Response.ContentType = format == FileFormat.Parquet
                ? "application/vnd.apache.parquet"
                : "text/csv; charset=utf-8";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            foreach (var chunk in chunks)
            {
                await stream.Write(token => http.Response.Body.WriteAsync(chunk, token).AsTask(), http.RequestAborted);
            }
        }
        catch (Exception e) when (!http.Response.HasStarted
            && (e is InputException or RpcException || MachineFault.Of(e) is not null))
        {
            await StrictJson.Refuse(http, e);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested
            && (e is InputException or RpcException || MachineFault.Of(e) is not null))
        {
            // The status has gone out: only a connection that breaks says that the file is not whole.
            LogBroken(
                http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DownloadEndpoints)),
                http.Request.Path,
                MachineFault.Sentence(e));
            http.Abort();
        }
    }

    [LoggerMessage(LogLevel.Warning, "the download {Path} was ended: {Reason}")]
    private static partial void LogBroken(ILogger logger, string path, string reason);

    private static void Check(IQueryCollection query, string[] parameters, FileFormat format)
    {
        if (query.Keys.FirstOrDefault(
            key => !parameters.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new FieldException(
                unknown, $"found the unknown query parameter '{unknown}', expected {string.Join(" or ", parameters)}");
        }

        if (format == FileFormat.Unspecified)
        {
            throw new FieldException("format", $"found format = {query["format"]}, expected csv, parquet or skipped");
        }
    }
}
