using System.Text;
using Engine.Protos.V1;
using Grpc.Core;

namespace EndToEnd.Tests;

/// <summary>Tasks as their user sees them: waited for, read page by page, downloaded.</summary>
internal static class TaskCalls
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async System.Threading.Tasks.Task<Engine.Protos.V1.Task> Ended(RunningEngine engine, string id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var task = await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = id }, cancellationToken: limit.Token);
            if (task.State is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled)
            {
                return task;
            }

            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }
    }

    public static async System.Threading.Tasks.Task<List<TaskResult>> Rows(RunningEngine engine, string id)
    {
        var rows = new List<TaskResult>();
        var token = "";
        do
        {
            var page = await engine.Tasks.ResultsAsync(
                new TaskResultsRequest { TaskId = id, PageToken = token, PageSize = 700 });
            rows.AddRange(page.Results);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return rows;
    }

    public static async System.Threading.Tasks.Task<string> Downloaded(
        RunningEngine engine, string id, FileFormat format)
    {
        using var call = engine.Tasks.Download(new DownloadTaskRequest { TaskId = id, Format = format });
        var text = new StringBuilder();
        await foreach (var chunk in call.ResponseStream.ReadAllAsync())
        {
            text.Append(chunk.Data.ToStringUtf8());
        }

        return text.ToString();
    }
}
