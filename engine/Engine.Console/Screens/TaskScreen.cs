using System.Globalization;
using Engine.Protos.V1;
using Microsoft.AspNetCore.Http.Features;

namespace Engine.WebConsole.Screens;

/// <summary>Tasks: the list, one task while it runs and when it has ended, its rows and its files.</summary>
internal static class TaskScreen
{
    /// <summary>Where they are.</summary>
    public const string Path = "/tasks";

    private const int Listed = 200;
    private const int SampleRows = 20;
    private const int Products = 20;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, List);
        app.MapGet($"{Path}/{{id}}", Show);
        app.MapGet($"{Path}/{{id}}/progress", Progress);
        app.MapGet($"{Path}/{{id}}/download", Download);
        app.MapPost($"{Path}/{{id}}/cancel", (EngineCalls calls, string id, IFormCollection _) =>
            Change(calls, id, () => calls.Tasks.CancelAsync(
                new CancelTaskRequest { Workspace = calls.Workspace, TaskId = id },
                cancellationToken: calls.Cancellation).ResponseAsync, $"{Path}/{id}"));
        app.MapPost($"{Path}/{{id}}/delete", (EngineCalls calls, string id, IFormCollection _) =>
            Change(calls, id, () => calls.Tasks.DeleteAsync(
                new DeleteTaskRequest { Workspace = calls.Workspace, TaskId = id },
                cancellationToken: calls.Cancellation).ResponseAsync, Path));
    }

    private static async Task<IResult> List(EngineCalls calls) => Page.Of<TasksPage>(
        await calls.Tasks.ListAsync(
            new ListTasksRequest { Workspace = calls.Workspace, PageSize = Listed },
            cancellationToken: calls.Cancellation));

    private static async Task<IResult> Show(EngineCalls calls, string id) =>
        Page.Of<TaskPage>(await Facts(calls, id, null));

    private static async Task<TaskFacts> Facts(EngineCalls calls, string id, Problem? problem)
    {
        var task = await Get(calls, id);
        var hasRows = task.State == TaskState.Succeeded;
        var summary = hasRows
            ? await calls.Tasks.SummaryAsync(
                new TaskSummaryRequest { Workspace = calls.Workspace, TaskId = id, TopK = Products },
                cancellationToken: calls.Cancellation)
            : null;
        var rows = hasRows && calls.Visitor.May("audience")
            ? await calls.Tasks.ResultsAsync(
                new TaskResultsRequest { Workspace = calls.Workspace, TaskId = id, PageSize = SampleRows },
                cancellationToken: calls.Cancellation)
            : null;
        return new TaskFacts(task, summary, rows, problem);
    }

    private static async Task<Engine.Protos.V1.Task> Get(EngineCalls calls, string id) => await calls.Tasks.GetAsync(
        new GetTaskRequest { Workspace = calls.Workspace, TaskId = id }, cancellationToken: calls.Cancellation);

    private static async Task<IResult> Change(
        EngineCalls calls, string id, Func<System.Threading.Tasks.Task> change, string then)
    {
        try
        {
            await change();
            return Results.LocalRedirect(then);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            // It ended, or has not ended yet, while the page was read.
            var problem = Problem.Of(e);
            return Page.Of<TaskPage>(await Facts(calls, id, problem), problem);
        }
    }

    // Server-sent events: a line for each change, until the task ends.
    private static async Task<IResult> Progress(
        EngineCalls calls, string id, HttpContext http, TimeProvider time, Language language)
    {
        var task = await Get(calls, id);
        http.Response.ContentType = "text/event-stream";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        while (true)
        {
            var ended = task.State is not (TaskState.Queued or TaskState.Running);
            var data = $"{task.Progress.ToString("R", CultureInfo.InvariantCulture)} {TaskFacts.Left(task, language)}";
            await http.Response.WriteAsync(
                $"event: {(ended ? "end" : "progress")}\ndata: {data}\n\n", calls.Cancellation);
            await http.Response.Body.FlushAsync(calls.Cancellation);
            if (ended)
            {
                return Results.Empty;
            }

            await System.Threading.Tasks.Task.Delay(Poll, time, calls.Cancellation);
            task = await Get(calls, id);
        }
    }

    private static async Task<IResult> Download(EngineCalls calls, string id, string? format, HttpResponse response)
    {
        var (kind, ending) = format switch
        {
            "parquet" => (FileFormat.Parquet, ".parquet"),
            "skipped" => (FileFormat.SkippedCsv, "-skipped.csv"),
            _ => (FileFormat.Csv, ".csv"),
        };
        using var file = calls.Tasks.Download(
            new DownloadTaskRequest { Workspace = calls.Workspace, TaskId = id, Format = kind },
            cancellationToken: calls.Cancellation);
        return await FileAnswer.Send(response, file.ResponseStream, id + ending, calls.Cancellation);
    }
}

/// <summary>What the page of a task shows.</summary>
/// <param name="Task">The task.</param>
/// <param name="Summary">Its products; null until it has succeeded.</param>
/// <param name="Rows">Its first rows; null without the scope.</param>
/// <param name="Problem">Why the last button did nothing.</param>
public sealed record TaskFacts(
    Engine.Protos.V1.Task Task, TaskSummaryReply? Summary, TaskResultsReply? Rows, Problem? Problem)
{
    /// <summary>The time left in words; empty while nobody knows it.</summary>
    internal static string Left(Engine.Protos.V1.Task task, Language language) =>
        task.RemainingSeconds >= 0 ? language["Task.Left", language.Duration(task.RemainingSeconds)] : "";
}
