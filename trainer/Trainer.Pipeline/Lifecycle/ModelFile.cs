using System.Text.Json;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Writing;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>
/// MODEL.json in a workspace's folder: the model's state, its settings, its last trainings. Replaced atomically by
/// rename.
/// </summary>
public sealed class ModelFile(SnapshotDirectory directory)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    private string FilePath => Path.Combine(directory.Path, "MODEL.json");

    /// <summary>Its content; a fresh record when there is no file.</summary>
    /// <exception cref="InputException">The file is not a model record.</exception>
    public ModelRecord Read()
    {
        try
        {
            return JsonSerializer.Deserialize<ModelRecord>(File.ReadAllBytes(FilePath), Format)
                ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ModelRecord.Fresh;
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{FilePath} is not a model record ({e.Message}): delete it; the next training writes a new one");
        }
    }

    /// <summary>
    /// The current state: a training whose process has ended, so that the workspace is not locked, has failed.
    /// </summary>
    public ModelRecord ReadCurrent()
    {
        if (!File.Exists(FilePath))
        {
            // A lock is a file: asking about a folder must not make it.
            return ModelRecord.Fresh;
        }

        try
        {
            using var free = TrainingLock.TryTake(directory);
            return free is null ? Read() : Settle(Read());
        }
        catch (StorageException)
        {
            // Whoever may only read cannot tell whether a training still runs.
            return Read();
        }
    }

    /// <summary>
    /// The record with trainings whose process has ended marked as failed; for the holder of the lock.
    /// </summary>
    public static ModelRecord Settle(ModelRecord record) => record with
    {
        State = IsOpen(record.State) ? ModelState.TrainingFailed : record.State,
        Runs = [.. record.Runs.Select(run => IsOpen(run.State)
            ? run with
            {
                State = ModelState.TrainingFailed,
                Error = $"process {run.ProcessId} on {run.Machine} ended before the training did",
            }
            : run)],
    };

    /// <summary>Writes it; for the holder of the lock.</summary>
    public void Write(ModelRecord record) =>
        AtomicFile.Write(FilePath, stream => JsonSerializer.Serialize(stream, record, Format));

    private static bool IsOpen(ModelState state) => state is ModelState.PendingTraining or ModelState.Training;
}
