using System.Text.Json;
using Engine.Cluster.Parts;
using Engine.Scoring.Events;
using Engine.Snapshots.Files;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Engine.Server.Batch;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Results;

namespace Engine.Server.Tasks;

/// <summary>
/// The tasks of one workspace on the disk, a folder each: task.json (the record), question.json, users.audience (absent
/// for every user), result.parquet (complete or absent) with its list of parts, or what is there of it so far. A folder
/// appears whole and disappears whole. Any process creates and deletes tasks; the one that holds the lock runs them.
/// </summary>
internal sealed class TaskStore(string workspaceFolder)
{
    private const string RecordFile = "task.json";
    private const string QuestionFile = "question.json";
    private const string UsersFile = "users.audience";
    private const string CancelFile = "cancel";

    private static readonly JsonSerializerOptions Json =
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true }.Whole();

    private readonly string _folder = ClusterTasks.FolderOf(workspaceFolder);

    /// <summary>Stores a new task.</summary>
    /// <param name="record">Queued.</param>
    /// <param name="question">Frozen.</param>
    /// <param name="copyUsers">Copies the audience to a path; null for every user.</param>
    public void Create(TaskRecord record, TaskQuestion question, Action<string>? copyUsers)
    {
        using var changing = WriterLock.Share(ChangeLock);
        var hidden = Path.Combine(_folder, $".{record.Id}.new");
        AtomicFile.CreateFolder(hidden);
        try
        {
            copyUsers?.Invoke(Path.Combine(hidden, UsersFile));
            Write(Path.Combine(hidden, QuestionFile), question);
            Write(Path.Combine(hidden, RecordFile), record);
            AtomicFile.RenameFolder(hidden, FolderOf(record.Id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(hidden);
            throw StorageException.Of(FolderOf(record.Id), e);
        }
    }

    /// <summary>Replaces a record.</summary>
    /// <exception cref="NotFoundException">Its task was deleted.</exception>
    public void Save(TaskRecord record) => Write(Path.Combine(PathOf(record.Id), RecordFile), record);

    /// <summary>All tasks, oldest first.</summary>
    /// <param name="problems">
    /// Receives a sentence for each folder that is no readable task; it is left as it is.
    /// </param>
    /// <param name="isKnown">Tasks that need not be read; null reads all.</param>
    public IReadOnlyList<TaskRecord> Load(ICollection<string> problems, Func<string, bool>? isKnown = null)
    {
        var records = new List<TaskRecord>();
        foreach (var id in Ids().Where(id => isKnown is null || !isKnown(id)).Order(StringComparer.Ordinal))
        {
            try
            {
                var record = Read<TaskRecord>(Path.Combine(FolderOf(id), RecordFile));
                if (record.Id == id)
                {
                    records.Add(record);
                }
                else
                {
                    problems.Add(
                        $"{FolderOf(id)} holds task '{record.Id}'; "
                        + "expected the task of its name. Move the folder away");
                }
            }
            catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
            {
                problems.Add(MachineFault.Sentence(e));
            }
        }

        return records;
    }

    /// <summary>The folder of the tasks as it is now: equal as long as no task was created or deleted.</summary>
    public FileStamp? Stamp => FileStamp.Of(_folder);

    /// <summary>
    /// Deletes what killed processes left behind: folders that did not appear or disappear whole, and temporary files.
    /// While any process creates or deletes a task, nothing is deleted.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <returns>The paths of what was deleted.</returns>
    public IReadOnlyList<string> Sweep(DateTimeOffset now)
    {
        using var changing = WriterLock.TryTake(ChangeLock);
        if (changing is null)
        {
            return [];
        }

        var hidden = Directory.EnumerateDirectories(_folder, ".*")
            .Where(folder => Path.GetExtension(folder) is ".new" or ".old").ToArray();
        return [
            .. hidden.Where(TryDelete),
            .. Ids().SelectMany(id => Leftovers.Sweep(FolderOf(id), now)).Select(file => file.Path),
        ];
    }

    /// <summary>Whether tasks were ever created here; false, too, where a shared folder is not mounted.</summary>
    public bool IsUsed => File.Exists(ChangeLock);

    /// <summary>Deletes the folder of a task when it is empty, which one that appeared whole never is.</summary>
    /// <returns>Its path; null when it stays.</returns>
    public string? SweepEmpty(string id, DateTimeOffset now) =>
        Leftovers.TryDeleteEmpty(FolderOf(id), now) ? FolderOf(id) : null;

    /// <summary>Whether there is a task of that id.</summary>
    public bool Exists(string id) => FileStamp.Of(FolderOf(id)) is { Kind: FileKind.Folder };

    /// <summary>Asks the process that runs the task to cancel it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public void RequestCancel(string id) => AtomicFile.Write(Path.Combine(PathOf(id), CancelFile), _ => { });

    /// <summary>Whether somebody asked for it.</summary>
    public bool IsCancelRequested(string id) => File.Exists(Path.Combine(FolderOf(id), CancelFile));

    /// <summary>The record of a task.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public TaskRecord Get(string id) => Read<TaskRecord>(Path.Combine(PathOf(id), RecordFile));

    /// <summary>The record of a task; null when it was deleted.</summary>
    /// <exception cref="StorageException">
    /// The folder of all tasks is not there, which says nothing of one task.
    /// </exception>
    public TaskRecord? Find(string id) => Exists(id) ? Get(id)
        : Stamp is { Kind: FileKind.Folder } ? null
        : throw new StorageException($"{_folder} is not there. Mount it, or give this process the right to read it");

    /// <summary>A record as text, and back.</summary>
    public static string TextOf(TaskRecord record) => JsonSerializer.Serialize(record, Json);

    /// <summary>The record of a text of <see cref="TextOf"/>.</summary>
    public static TaskRecord RecordOf(string text) => JsonSerializer.Deserialize<TaskRecord>(text, Json)!;

    /// <summary>The query of a task.</summary>
    public TaskQuestion Question(string id) => Read<TaskQuestion>(Path.Combine(PathOf(id), QuestionFile));

    /// <summary>The ids of its audience; null for every user.</summary>
    public IEnumerable<string>? Users(string id) =>
        Path.Combine(PathOf(id), UsersFile) is var path && File.Exists(path) ? AudienceFile.ReadIds(path) : null;

    /// <summary>Waits until each task that is being created has appeared, or has not.</summary>
    /// <returns>Whether there is any task.</returns>
    public bool AwaitCreations()
    {
        if (!Directory.Exists(_folder))
        {
            return false;
        }

        WriterLock.Take(ChangeLock).Dispose();
        return true;
    }

    /// <summary>
    /// Takes users out of what is stored of a task: its audience, the ids that were skipped, and the rows of its
    /// result, whose summary is counted again. One at a time in all processes, since files are read and written anew.
    /// </summary>
    /// <returns>Whether the audience held one, and the rows taken out.</returns>
    public (bool Audience, long Rows) Erase(TaskRecord record, UserTest isGone)
    {
        using var erasing = WriterLock.Take(Path.Combine(_folder, "erase.lock"));
        var results = ResultPaths(record.Id);
        foreach (var result in results)
        {
            BatchSkipped.Erase(result, isGone);
        }

        var users = Path.Combine(FolderOf(record.Id), UsersFile);
        var audience = File.Exists(users) && AudienceFile.Erase(users, isGone, AtomicFile.Write);
        var hasResult = record.Stage is TaskStage.Running or TaskStage.Succeeded;
        var rows = results.Where(path => hasResult && File.Exists(path))
            .Sum(path => ResultErasure.Apply(path, ColumnsOf(record), isGone));
        if (rows > 0)
        {
            File.Delete(SummaryPath(record.Id));
        }

        return (audience, rows);
    }

    /// <summary>
    /// Takes everybody out who was forgotten while the task ran. Whoever is forgotten later finds its result.
    /// </summary>
    public void EraseForgotten(TaskRecord record)
    {
        var forgotten = ForgottenUsers.Read(workspaceFolder);
        if (forgotten.Count > 0)
        {
            Erase(record, forgotten.Contains);
        }
    }

    /// <summary>The columns of the result of a task.</summary>
    public static IReadOnlyList<ResultColumn> ColumnsOf(TaskRecord record) =>
        ResultColumns.Of(record.IsSingleProduct, record.Campaign is not null, record.IsReranked);

    /// <summary>The path of its result.</summary>
    public string ResultPath(string id) => Path.Combine(FolderOf(id), "result.parquet");

    /// <summary>The path of the result of one of its groups.</summary>
    /// <exception cref="StateException">The task holds out nobody.</exception>
    public string ResultPath(TaskRecord record, bool heldOut) =>
        !heldOut ? ResultPath(record.Id)
        : record.Holdout is not null ? HoldoutRecord.FileOf(ResultPath(record.Id))
        : throw new StateException($"task '{record.Id}' holds out nobody. Create a task with holdout_share");

    // What the messages were sent to, and the group that got none.
    private string[] ResultPaths(string id) => [ResultPath(id), HoldoutRecord.FileOf(ResultPath(id))];

    /// <summary>Removes the result of a task, whole or not.</summary>
    public void DropResult(string id)
    {
        foreach (var path in ResultPaths(id))
        {
            BatchOutput.Drop(path);
            SharedParts.Of(path).Drop();
            File.Delete(path);
        }
    }

    /// <summary>Stores what is said of an allocation.</summary>
    public void SaveAllocation(string id, TaskAllocationResult result) => Write(AllocationPath(id), result);

    /// <summary>What is said of the allocation of a task; null when it allocates nothing.</summary>
    public TaskAllocationResult? Allocation(string id) =>
        File.Exists(AllocationPath(id)) ? Read<TaskAllocationResult>(AllocationPath(id)) : null;

    private string AllocationPath(string id) => Path.Combine(FolderOf(id), "allocation.json");

    /// <summary>The path of its summary.</summary>
    public string SummaryPath(string id) => Path.Combine(FolderOf(id), "summary.json");

    /// <summary>The result of a task that succeeded.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    /// <exception cref="StateException">It has no result, or none yet, or no holdout.</exception>
    public ResultFile OpenResult(string id, bool heldOut = false)
    {
        var record = Get(id);
        return record.Stage == TaskStage.Succeeded
            ? ResultFile.Open(ResultPath(record, heldOut), ColumnsOf(record))
            : throw new StateException(
                $"task '{id}' is {record.Stage}; only tasks that have succeeded have results. "
                + $"{(record.HasEnded ? "Create another one" : "Wait until it has ended")}");
    }

    /// <summary>Bytes of all files of a task.</summary>
    public long BytesOf(string id) => new DirectoryInfo(PathOf(id)).EnumerateFiles().Sum(file => file.Length);

    /// <summary>Deletes a task with everything that belongs to it.</summary>
    public void Delete(string id)
    {
        using var changing = WriterLock.Share(ChangeLock);
        var hidden = Path.Combine(_folder, $".{id}.old");
        try
        {
            AtomicFile.RenameFolder(PathOf(id), hidden);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageException.Of(FolderOf(id), e);
        }

        // It is gone for everybody; what cannot be deleted now is swept later.
        TryDelete(hidden);
    }

    /// <summary>
    /// The lock of the process that runs the tasks; null when another one holds it, when there is no workspace yet, or
    /// when its folder cannot be written. A crash releases it.
    /// </summary>
    public WriterLock? TryLock()
    {
        try
        {
            return FileStamp.Of(workspaceFolder) is { Kind: FileKind.Folder }
                && FileStamp.Of(_folder) is null or { Kind: FileKind.Folder }
                ? WriterLock.TryTake(Path.Combine(_folder, "engine.lock"))
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string ChangeLock => Path.Combine(_folder, "change.lock");

    /// <summary>The ids of all tasks, readable or not.</summary>
    public IEnumerable<string> Ids() => FileStamp.Of(_folder) is { Kind: FileKind.Folder }
        ? Directory.EnumerateDirectories(_folder)
            .Select(folder => Path.GetFileName(folder))
            .Where(id => IsId(id) && Exists(id))
        : [];

    private static bool IsId(string id) =>
        id.Length > 0 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static bool TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Write<T>(string path, T value) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Json));

    private static T Read<T>(string path)
    {
        try
        {
            using var stream = PlainFile.OpenStream(path);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StateException(
                $"cannot read the task file {path} ({WholeDocuments.Reason(e)}). "
                + "Delete its folder and create the task again");
        }
    }

    private string FolderOf(string id) => Path.Combine(_folder, id);

    private string PathOf(string id) => IsId(id) && Exists(id)
        ? FolderOf(id)
        : throw new NotFoundException($"task '{id}' does not exist in this workspace. List them with GET /v1/tasks");
}
