using System.Text.Json;
using Engine.Snapshots.Writing;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Results;

namespace Engine.Server.Tasks;

/// <summary>
/// The tasks of one workspace on the disk, a folder each: task.json (the record), question.json, users.audience (absent for
/// every user), result.parquet (complete or absent) with its list of parts, or what is there of it so far. A folder appears
/// whole and disappears whole.
/// </summary>
internal sealed class TaskStore(string workspaceFolder)
{
    private const string RecordFile = "task.json";
    private const string QuestionFile = "question.json";
    private const string UsersFile = "users.audience";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _folder = Path.Combine(workspaceFolder, "tasks");

    /// <summary>Stores a new task.</summary>
    /// <param name="record">Queued.</param>
    /// <param name="question">Frozen.</param>
    /// <param name="copyUsers">Copies the audience to a path; null for every user.</param>
    public void Create(TaskRecord record, TaskQuestion question, Action<string>? copyUsers)
    {
        var hidden = Path.Combine(_folder, $".{record.Id}.new");
        Directory.CreateDirectory(hidden);
        copyUsers?.Invoke(Path.Combine(hidden, UsersFile));
        Write(Path.Combine(hidden, QuestionFile), question);
        Write(Path.Combine(hidden, RecordFile), record);
        Directory.Move(hidden, FolderOf(record.Id));
    }

    /// <summary>Replaces a record.</summary>
    public void Save(TaskRecord record) => Write(Path.Combine(FolderOf(record.Id), RecordFile), record);

    /// <summary>All tasks, oldest first; incomplete folders that a crash left behind are removed.</summary>
    public IReadOnlyList<TaskRecord> Load()
    {
        if (!Directory.Exists(_folder))
        {
            return [];
        }

        foreach (var leftover in Directory.EnumerateDirectories(_folder, ".*"))
        {
            Directory.Delete(leftover, recursive: true);
        }

        return [.. Directory.EnumerateDirectories(_folder).Order(StringComparer.Ordinal).Select(folder => Read<TaskRecord>(Path.Combine(folder, RecordFile)))];
    }

    /// <summary>The record of a task.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public TaskRecord Get(string id) => Read<TaskRecord>(Path.Combine(Find(id), RecordFile));

    /// <summary>The query of a task.</summary>
    public TaskQuestion Question(string id) => Read<TaskQuestion>(Path.Combine(Find(id), QuestionFile));

    /// <summary>The ids of its audience; null for every user.</summary>
    public IEnumerable<string>? Users(string id) =>
        Path.Combine(Find(id), UsersFile) is var path && File.Exists(path) ? AudienceFile.ReadIds(path) : null;

    /// <summary>The path of its result.</summary>
    public string ResultPath(string id) => Path.Combine(FolderOf(id), "result.parquet");

    /// <summary>The path of the result of one of its groups.</summary>
    /// <exception cref="StateException">The task holds out nobody.</exception>
    public string ResultPath(TaskRecord record, bool heldOut) =>
        !heldOut ? ResultPath(record.Id)
        : record.Holdout is not null ? HoldoutRecord.FileOf(ResultPath(record.Id))
        : throw new StateException($"task '{record.Id}' holds out nobody. Create a task with holdout_share");

    /// <summary>Removes the result of a task, whole or not.</summary>
    public void DropResult(string id)
    {
        foreach (var path in new[] { ResultPath(id), HoldoutRecord.FileOf(ResultPath(id)) })
        {
            BatchOutput.Drop(path);
            File.Delete(path);
        }
    }

    /// <summary>The path of its summary.</summary>
    public string SummaryPath(string id) => Path.Combine(FolderOf(id), "summary.json");

    /// <summary>The result of a task that succeeded.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    /// <exception cref="StateException">It has no result, or none yet, or no holdout.</exception>
    public ResultFile OpenResult(string id, bool heldOut = false)
    {
        var record = Get(id);
        return record.Stage == TaskStage.Succeeded
            ? ResultFile.Open(ResultPath(record, heldOut), ResultColumns.Of(record.IsSingleProduct, record.Campaign is not null, record.IsReranked))
            : throw new StateException($"task '{id}' is {record.Stage}; only tasks that have succeeded have results. {(record.HasEnded ? "Create another one" : "Wait until it has ended")}");
    }

    /// <summary>Deletes a task with everything that belongs to it.</summary>
    public void Delete(string id)
    {
        var hidden = Path.Combine(_folder, $".{id}.old");
        Directory.Move(Find(id), hidden);
        Directory.Delete(hidden, recursive: true);
    }

    /// <summary>The lock of the process that runs the tasks; null when another one holds it, or the folder is read-only. A crash releases it.</summary>
    public FileStream? TryLock()
    {
        try
        {
            Directory.CreateDirectory(_folder);
            return new FileStream(Path.Combine(_folder, "engine.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write<T>(string path, T value) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Json));

    private static T Read<T>(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            throw new InputException($"cannot read the task file {path} ({e.Message}). Delete its folder and create the task again", e);
        }
    }

    private string FolderOf(string id) => Path.Combine(_folder, id);

    private string Find(string id) => id.Length > 0 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') && Directory.Exists(FolderOf(id))
        ? FolderOf(id)
        : throw new NotFoundException($"task '{id}' does not exist in this workspace. List them with GET /v1/tasks");
}
