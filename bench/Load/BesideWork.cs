using Engine;
using Engine.Protos.V1;
using Task = System.Threading.Tasks.Task;

namespace Bench.Load;

/// <summary>What the engine does beside the calls: swaps, or a task over all users.</summary>
internal sealed class BesideWork(ILoadTarget target, LoadPlan plan)
{
    private int _swaps;
    private string? _original;

    /// <summary>Swaps done.</summary>
    public int Swaps => _swaps;

    /// <summary>Does it while a slice runs, and ends it with the slice.</summary>
    public async Task Beside(Task slice, CancellationToken stop)
    {
        // Whatever happens to the work, the slice ends before the next one begins.
        var work = Begin(stop);
        try
        {
            await Task.WhenAll(slice, work);
        }
        finally
        {
            if (work.IsCompletedSuccessfully && await work is { Length: > 0 } id)
            {
                await Cancel(id);
            }
        }
    }

    /// <summary>Activates the snapshot that was active before the first swap.</summary>
    public async Task Restore()
    {
        if (_original is { Length: > 0 } id)
        {
            await Activate(id, CancellationToken.None);
        }
    }

    private async Task<string> Begin(CancellationToken stop)
    {
        if (plan.Task)
        {
            return (await target.Ask<Engine.Protos.V1.Task>(
                Rpc.CreateTask, new CreateTaskRequest { Workspace = plan.Workspace, TopK = 100 }, stop)).TaskId;
        }

        await Task.Delay(plan.SliceLength / 4, stop);
        var previous = await Activate(plan.Swap[_swaps % plan.Swap.Count], stop);
        _original ??= previous;
        _swaps++;
        return "";
    }

    private async Task<string> Activate(string id, CancellationToken stop) =>
        (await target.Ask<ActivateSnapshotReply>(
            Rpc.Activate,
            new ActivateSnapshotRequest { Workspace = plan.Workspace, SnapshotId = id },
            stop)).PreviousSnapshotId;

    private async Task Cancel(string id)
    {
        try
        {
            await target.Ask<Engine.Protos.V1.Task>(
                Rpc.CancelTask(id), new CancelTaskRequest { Workspace = plan.Workspace, TaskId = id },
                CancellationToken.None);
        }
        catch (InputException)
        {
            // It has ended by itself.
        }
    }
}
